/* One function for each command: argv[0] is its name; the exit code comes back. */
#ifndef MINNOW_CLI_COMMANDS_H
#define MINNOW_CLI_COMMANDS_H

int minnow_command_convert(int argc, char **argv);
int minnow_command_info(int argc, char **argv);
int minnow_command_verify(int argc, char **argv);
int minnow_command_tokenize(int argc, char **argv);
int minnow_command_encode(int argc, char **argv);
int minnow_command_index(int argc, char **argv);
int minnow_command_search(int argc, char **argv);
int minnow_command_rerank(int argc, char **argv);
int minnow_command_score(int argc, char **argv);
int minnow_command_eval(int argc, char **argv);
int minnow_command_bench(int argc, char **argv);
int minnow_command_distill(int argc, char **argv);
int minnow_command_generate_queries(int argc, char **argv);

#endif
