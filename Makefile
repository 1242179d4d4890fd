# Every command a person runs. `make` builds; `make demo` and `make test` also install what is missing.
#   BUILD=dir        where everything goes (build)
#   CC, CXX          compilers; a cross compiler selects its architecture
#   SANITIZE=1       AddressSanitizer and UndefinedBehaviorSanitizer
BUILD ?= build
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
CXX := $(if $(filter default,$(origin CXX)),g++,$(CXX))
AR := $(if $(filter default,$(origin AR)),ar,$(AR))
OPTIMIZE ?= -O2 -g
PYTHON ?= python3

MACHINE := $(shell $(CC) -dumpmachine)
ARCH := $(if $(filter x86_64-%,$(MACHINE)),x86,$(if $(filter aarch64-%,$(MACHINE)),arm,none))

WARNINGS := -Wall -Wextra -Wconversion -Werror
COMMON := $(OPTIMIZE) -ffp-contract=off -fno-math-errno -fvisibility=hidden -fPIC -I. -Iinclude -I$(BUILD) -MMD -MP $(SYSROOT_FLAGS)
ifdef SANITIZE
COMMON += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) $(COMMON) $(CFLAGS)
ALL_CXXFLAGS := -std=c++17 $(WARNINGS) $(COMMON) $(CXXFLAGS)

KERNEL_SOURCES := $(wildcard kernels/*.c kernels/reference/*.c kernels/$(ARCH)/*.c)
RUNTIME_SOURCES := $(wildcard runtime/*.c runtime/*/*.c runtime/*/*.cc)
CONVERT_SOURCES := $(wildcard convert/*.c convert/*/*.c convert/*/*.cc)
CLI_SOURCES := $(wildcard platforms/cli/*.c)
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
CHECKKERN_SOURCES := $(wildcard tests/checkkern/*.c)

objects = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))
RUNTIME_LIBS := -lXNNPACK -lpthreadpool -lcpuinfo -lsqlite3 -lutf8proc -lmd -lm -lpthread
CONVERT_LIBS := -lcjson

# Instruction sets, by the suffix of a kernel's file name: one rule each.
$(BUILD)/kernels/x86/%_avx2.o: ALL_CFLAGS += -mavx2 -mfma -O3
$(BUILD)/kernels/arm/%_neon.o: ALL_CFLAGS += -O3

.PHONY: all clean
all: $(BUILD)/minnow $(BUILD)/libminnow.so

$(BUILD)/libminnow.a: $(call objects,$(KERNEL_SOURCES) $(RUNTIME_SOURCES))
	rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libminnow_convert.a: $(call objects,$(CONVERT_SOURCES))
	rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libminnow.so: $(call objects,$(KERNEL_SOURCES) $(RUNTIME_SOURCES))
	$(CC) -shared -Wl,-soname,libminnow.so.0 $(LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)
$(BUILD)/minnow: $(call objects,$(CLI_SOURCES)) $(BUILD)/libminnow_convert.a $(BUILD)/libminnow.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(CONVERT_LIBS) $(RUNTIME_LIBS)

$(BUILD)/model_generated.h: runtime/schema/model.fbs
	@mkdir -p $(@D)
	flatc --cpp -o $(@D) $<
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/%.o: %.cc $(BUILD)/model_generated.h
	@mkdir -p $(@D)
	$(CXX) $(ALL_CXXFLAGS) -c -o $@ $<
# The device library carries no C++ runtime.
$(BUILD)/runtime/%.o: ALL_CXXFLAGS += -fno-exceptions -fno-rtti

# Unit tests: each tests/unit/test_NAME.c is one program.
UNIT_PROGRAMS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(UNIT_SOURCES))
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libminnow_convert.a $(BUILD)/libminnow.a
	$(CXX) $(LDFLAGS) -o $@ $^ -lcmocka $(CONVERT_LIBS) $(RUNTIME_LIBS)
$(BUILD)/checkkern: $(call objects,$(CHECKKERN_SOURCES)) $(BUILD)/libminnow.a
	$(CC) $(LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.SECONDARY:
