/* What this program was built with, for reports that compare builds. */
#ifndef MINNOW_CLI_BUILD_INFO_H
#define MINNOW_CLI_BUILD_INFO_H

/* "gcc 12.2.0" */
extern const char minnow_compiler[];
/* Of the checkout, with "+" where files were changed since; "unknown" outside of one. */
extern const char minnow_commit[];

#endif
