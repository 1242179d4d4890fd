/* The tensors of one file of torch.save as text, a line each, for torch_parity.py. Usage: torch_driver FILE
 *     NAME TAB TYPE TAB [SHAPE] TAB BYTES in hexadecimal */
#include "convert/checkpoint/torch_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_tensor(const struct minnow_tensor *tensor) {
    printf("%s\t%s\t%s\t", tensor->name, tensor->type_name, minnow_shape_text(tensor->shape, tensor->rank).text);
    for (uint64_t i = 0; i < tensor->size; i++) printf("%02x", tensor->bytes[i]);
    putchar('\n');
}

int main(int argc, char **argv) {
    struct stat information;
    int descriptor = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0 || fstat(descriptor, &information)) return fprintf(stderr, "usage: torch_driver FILE\n"), 2;
    size_t size = (size_t)information.st_size, count = 0;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED) return perror(argv[1]), 2;
    struct minnow_memory *memory = minnow_memory_create();
    struct minnow_tensor *tensors = NULL;
    struct minnow_error error = {0};
    enum minnow_status status = minnow_torch_read(argv[1], bytes, size, memory, &tensors, &count, &error);
    for (size_t i = 0; !status && i < count; i++) print_tensor(&tensors[i]);
    if (status) fprintf(stderr, "%s: %s\n", minnow_status_name(status), error.message);
    minnow_memory_free(memory);
    munmap(bytes, size);
    close(descriptor);
    return status ? 1 : 0;
}
