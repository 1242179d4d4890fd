# Every command a person runs.
#   make             build the program and the library
#   make demo        install what is missing, build, index real text, answer three questions
#   make test        install what is missing, build, run every test; check-all: with the slow ones in full
#   make bench       Minnow beside its peers on this machine, and its limits; PEERS=no: Minnow alone
#   make default-student DATA=dir   make the built-in model again from texts (runtime/default_model/README.md);
#                    tenth-student: one of a tenth of its teacher's parameters
#   make install     to PREFIX (/usr/local), below DESTDIR
#   make fuzz        longer mutation runs; make cross-test: the ARM tests alone
# Settings:
#   BUILD=dir        where everything goes (build)
#   DEPS=no          install nothing
#   CC, CXX          compilers; a cross compiler selects its architecture
#   DEFAULT_MODEL=f  the model that is built in (/dev/null: none)
#   SANITIZE=1       AddressSanitizer and UndefinedBehaviorSanitizer
BUILD ?= build
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
CXX := $(if $(filter default,$(origin CXX)),g++,$(CXX))
AR := $(if $(filter default,$(origin AR)),ar,$(AR))
OPTIMIZE ?= -O2 -g
PYTHON ?= python3

MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
ARCH := $(if $(filter x86_64-%,$(MACHINE)),x86,$(if $(filter aarch64-%,$(MACHINE)),arm,none))

WARNINGS := -Wall -Wextra -Wconversion -Werror
COMMON := $(OPTIMIZE) -ffp-contract=off -fno-math-errno -fvisibility=hidden -fPIC -I. -Iinclude -I$(BUILD) -MMD -MP $(SYSROOT_FLAGS)
ifdef SANITIZE
COMMON += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
# What a sanitizer inserts makes gcc guess at sizes it can otherwise see.
WARNINGS += -Wno-format-truncation
endif
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) $(COMMON) $(CFLAGS)
ALL_CXXFLAGS := -std=c++17 $(WARNINGS) $(COMMON) $(CXXFLAGS)

KERNEL_SOURCES := $(wildcard kernels/*.c kernels/reference/*.c kernels/$(ARCH)/*.c)
RUNTIME_SOURCES := $(wildcard runtime/*.c runtime/*/*.c runtime/*/*.cc runtime/*/*.S)
CONVERT_SOURCES := $(wildcard convert/*.c convert/*/*.c convert/*/*/*.c convert/*/*.cc)
CLI_SOURCES := $(wildcard platforms/cli/*.c)
CHECKKERN_SOURCES := $(wildcard tests/checkkern/*.c bench/peak/$(ARCH)/*.c) bench/peak/read.c

DEFAULT_MODEL ?= runtime/default_model/default.mnw

objects = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))
RUNTIME_LIBS := -lXNNPACK -lpthreadpool -lcpuinfo -lsqlite3 -lutf8proc -lmd -lm -lpthread
CONVERT_LIBS := -lcjson -lyaml -lzip

# Instruction sets, by the suffix of a kernel's file name: one rule each.
$(BUILD)/kernels/reference/%.o: ALL_CFLAGS += -O3
$(BUILD)/kernels/x86/%_avx2.o: ALL_CFLAGS += -mavx2 -mfma -O3
$(BUILD)/kernels/x86/%_avxvnni.o: ALL_CFLAGS += -mavx2 -mfma -mavxvnni -O3
$(BUILD)/kernels/x86/%_avx512vnni.o: ALL_CFLAGS += -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mavx2 -mfma \
	-mprefer-vector-width=512 -O3
$(BUILD)/kernels/x86/%_amx.o: ALL_CFLAGS += -mamx-tile -mamx-int8 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -O3
$(BUILD)/kernels/arm/%_neon.o: ALL_CFLAGS += -O3
$(BUILD)/kernels/arm/%_a55.o: ALL_CFLAGS += -march=armv8.2-a+dotprod -O3
$(BUILD)/kernels/arm/%_dotprod.o: ALL_CFLAGS += -march=armv8.2-a+dotprod -O3
$(BUILD)/kernels/arm/%_i8mm.o: ALL_CFLAGS += -march=armv8.2-a+i8mm -O3
# Training: loops over rows beside its products.
$(BUILD)/convert/distill/%.o: ALL_CFLAGS += -O3
# An index packs every vector it loads.
$(BUILD)/runtime/index/block.o: ALL_CFLAGS += -O3

.PHONY: all clean deps demo test check-all bench bench-students default-student tenth-student install fuzz cross-test deps-build deps-demo deps-test
all: $(BUILD)/minnow $(BUILD)/libminnow.so

$(BUILD)/libminnow.a: $(call objects,$(KERNEL_SOURCES) $(RUNTIME_SOURCES))
	@echo "  AR  $@"
	@rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libminnow_convert.a: $(call objects,$(CONVERT_SOURCES))
	@echo "  AR  $@"
	@rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libminnow.so: $(call objects,$(KERNEL_SOURCES) $(RUNTIME_SOURCES))
	@echo "  LD  $@"
	@$(CC) -shared -Wl,-soname,libminnow.so.0 $(LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)
$(BUILD)/minnow: $(call objects,$(CLI_SOURCES)) $(BUILD)/libminnow_convert.a $(BUILD)/libminnow.a
	@echo "  LD  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(CONVERT_LIBS) $(RUNTIME_LIBS)

$(BUILD)/model_generated.h: runtime/schema/model.fbs
	@mkdir -p $(@D)
	@flatc --cpp -o $(@D) $<
# The commit, for reports: written anew only when it changed.
.PHONY: commit
$(BUILD)/commit.h: commit
	@mkdir -p $(@D)
	@commit=$$([ -e .git ] && GIT_OPTIONAL_LOCKS=0 git describe --always --abbrev=12 --dirty=+ 2>/dev/null); \
	echo "#define MINNOW_COMMIT \"$${commit:-unknown}\"" > $@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(BUILD)/platforms/cli/build_info.o: $(BUILD)/commit.h
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/%.o: %.cc $(BUILD)/model_generated.h
	@mkdir -p $(@D)
	@echo "  CXX $@"
	@$(CXX) $(ALL_CXXFLAGS) -c -o $@ $<
$(BUILD)/runtime/default_model/bytes.o: runtime/default_model/bytes.S $(DEFAULT_MODEL)
	@mkdir -p $(@D)
	@echo "  AS  $@"
	@$(CC) -DDEFAULT_MODEL='"$(DEFAULT_MODEL)"' -c -o $@ $<
# The device library carries no C++ runtime.
$(BUILD)/runtime/%.o: ALL_CXXFLAGS += -fno-exceptions -fno-rtti

# Test programs: each tests/FOLDER/NAME.c is one.
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libminnow_convert.a $(BUILD)/libminnow.a
	@echo "  LD  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(if $(filter unit/%,$*),-lcmocka) $(CONVERT_LIBS) $(RUNTIME_LIBS)
$(BUILD)/tests/unit/test_bench_samples: $(BUILD)/platforms/cli/bench_samples.o
# The kernels alone, so that a cross compiler needs no library of the target (cpuinfo on x86 apart).
CHECKKERN_LIBS := $(if $(filter x86,$(ARCH)),-lcpuinfo) -lm
$(BUILD)/checkkern: $(call objects,$(CHECKKERN_SOURCES) $(KERNEL_SOURCES))
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(CHECKKERN_LIBS)

# ---- bench/: Minnow beside its peers, and what the machine can do at most -----------------------
$(BUILD)/bench/peak/%.o: ALL_CFLAGS += -O3
$(BUILD)/bench/peak/x86/%_avx2.o: ALL_CFLAGS += -mavx2 -mfma
$(BUILD)/bench/peak/x86/%_avxvnni.o: ALL_CFLAGS += -mavx2 -mavxvnni
$(BUILD)/bench/peak/x86/%_avx512.o: ALL_CFLAGS += -mavx512f
$(BUILD)/bench/peak/x86/%_avx512vnni.o: ALL_CFLAGS += -mavx512f -mavx512vnni
$(BUILD)/bench/peak/x86/%_amx.o: ALL_CFLAGS += -mamx-tile -mamx-int8
$(BUILD)/bench/peak/x86/%_avx512bf16.o: ALL_CFLAGS += -mavx512f -mavx512bf16
$(BUILD)/bench/peak/arm/%_dotprod.o: ALL_CFLAGS += -march=armv8.2-a+dotprod
$(BUILD)/bench/peak/arm/%_i8mm.o: ALL_CFLAGS += -march=armv8.2-a+i8mm
$(BUILD)/peak: $(call objects,$(wildcard bench/peak/*.c bench/peak/$(ARCH)/*.c kernels/$(ARCH)/permission.c))
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -lpthread
$(BUILD)/bench/%: $(BUILD)/bench/%.o $(BUILD)/libminnow_convert.a $(BUILD)/libminnow.a
	@echo "  LD  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ $(CONVERT_LIBS) $(RUNTIME_LIBS)

# ---- What is needed, and what is made from it ------------------------------------------------
DEPS ?= yes
deps: deps-test
deps-build deps-demo deps-test: deps-%:
	@if [ "$(DEPS)" = yes ]; then platforms/linux/dependencies.sh $*; fi

# A fresh make: the compiler may have been installed a moment ago.
AGAIN = +@$(MAKE) --no-print-directory -j$(shell nproc 2>/dev/null || echo 2)

CHECKPOINT := $(BUILD)/all-MiniLM-L6-v2
MODEL := $(CHECKPOINT).mnw
$(CHECKPOINT)/model.safetensors:
	platforms/linux/checkpoint.sh $(BUILD)/venv $(CHECKPOINT)
$(MODEL): $(BUILD)/minnow $(CHECKPOINT)/model.safetensors
	$(BUILD)/minnow convert $(CHECKPOINT) -o $@
$(CHECKPOINT).s4.mnw: $(BUILD)/minnow $(CHECKPOINT)/model.safetensors
	$(BUILD)/minnow convert $(CHECKPOINT) --weights s4 -o $@
$(CHECKPOINT).f32.mnw: $(BUILD)/minnow $(CHECKPOINT)/model.safetensors
	$(BUILD)/minnow convert $(CHECKPOINT) --weights f32 -o $@

demo: deps-demo
	$(AGAIN) $(BUILD)/minnow
	@platforms/linux/demo.sh $(BUILD)/minnow $(BUILD)/demo

PEERS ?= yes
BENCH_MODELS = --model "Minnow s8=int8=$(MODEL)" --model "Minnow s4=int4=$(CHECKPOINT).s4.mnw" \
	--model "Minnow f32=f32=$(CHECKPOINT).f32.mnw"
bench: deps-demo
	$(AGAIN) $(MODEL) $(CHECKPOINT).s4.mnw $(CHECKPOINT).f32.mnw $(BUILD)/bench/worker $(BUILD)/bench/search $(BUILD)/peak
	$(PYTHON) bench/peers/texts.py $(BUILD)/minnow $(MODEL) $(BUILD)/peers/texts
	[ $(PEERS) = no ] || $(PYTHON) bench/peers/install.py $(BUILD)/peers $(CHECKPOINT)
	$(PYTHON) bench/peers/run.py $(BUILD) $(BENCH_MODELS) --peers $(PEERS) $(BENCH)

# Students of every kind beside the cross-encoder that teaches them.
bench-students: deps-demo
	$(AGAIN) $(BUILD)/minnow $(BUILD)/bench/students $(BUILD)/venv/tested
	$(BUILD)/venv/bin/python bench/students.py $(BUILD) $(STUDENTS)

# The model that is built in, once more; and a smaller one.
default-student tenth-student: deps-demo
	@[ -d "$(DATA)" ] || { echo "DATA=folder: which training texts? runtime/default_model/README.md lists them"; exit 2; }
	$(AGAIN) $(MODEL)
	bench/retention/query_student.sh $(BUILD) $(DATA) $(@:-student=)

# ---- Tests: every build that they need, then tests/run.py --------------------------------------
programs = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
UNIT_PROGRAMS := $(call programs,tests/unit/test_*.c)
FUZZERS := $(call programs,tests/fuzz/*.c)
PARITY := $(call programs,tests/parity/*.c)
SYSROOT := $(BUILD)/sysroot
BLAS := aarch64-linux-gnu/openblas-pthread
CROSS_LIBS := $(SYSROOT)/files/usr/lib/aarch64-linux-gnu $(SYSROOT)/files/usr/lib/$(BLAS)
CROSS = CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-g++ AR=aarch64-linux-gnu-ar BUILD=$(BUILD)/arm64 \
	SYSROOT_FLAGS="-isystem $(SYSROOT)/files/usr/include -isystem $(SYSROOT)/files/usr/include/$(BLAS)" \
	LDFLAGS="$(foreach f,$(CROSS_LIBS),-L$f -Wl,-rpath-link,$f)"

BITS := tests/parity/bits tests/parity/family_bits

.PHONY: test-programs sanitized-programs test-builds test-inputs
test-programs: all $(UNIT_PROGRAMS) $(PARITY) $(BUILD)/checkkern $(BUILD)/bench/worker $(BUILD)/peak
sanitized-programs: $(BUILD)/minnow $(UNIT_PROGRAMS) $(FUZZERS) $(BUILD)/checkkern
$(SYSROOT)/complete: tests/cross/sysroot.sh
	tests/cross/sysroot.sh $(SYSROOT)
$(BUILD)/venv/tested: tests/parity/requirements.txt $(CHECKPOINT)/model.safetensors
	$(BUILD)/venv/bin/pip install -q --disable-pip-version-check -r $<
	touch $@
test-inputs: $(MODEL) $(CHECKPOINT).f32.mnw $(CHECKPOINT).s4.mnw $(BUILD)/venv/tested $(SYSROOT)/complete
test-builds:
	$(AGAIN) test-programs
	$(AGAIN) test-inputs
	$(AGAIN) sanitized-programs BUILD=$(BUILD)/asan SANITIZE=1 OPTIMIZE="-O1 -g"
	$(AGAIN) all $(BITS:%=$(BUILD)/clang/%) BUILD=$(BUILD)/clang CC=clang CXX=clang++
	$(AGAIN) $(CROSS) $(BUILD)/arm64/minnow $(BUILD)/arm64/checkkern $(BITS:%=$(BUILD)/arm64/%)

test: deps-test
	$(AGAIN) test-builds
	$(PYTHON) tests/run.py $(BUILD)
check-all: deps-test
	$(AGAIN) test-builds
	$(PYTHON) tests/run.py $(BUILD) --all
fuzz: deps-test
	$(AGAIN) test-builds
	$(PYTHON) tests/run.py $(BUILD) --all mutated
cross-test: deps-test
	$(AGAIN) test-builds
	$(PYTHON) tests/run.py $(BUILD) ARM "every CPU"

PREFIX ?= /usr/local
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include
	install $(BUILD)/minnow $(DESTDIR)$(PREFIX)/bin/minnow
	install $(BUILD)/libminnow.so $(DESTDIR)$(PREFIX)/lib/libminnow.so.0
	ln -sf libminnow.so.0 $(DESTDIR)$(PREFIX)/lib/libminnow.so
	install -m 644 $(BUILD)/libminnow.a $(DESTDIR)$(PREFIX)/lib/libminnow.a
	install -m 644 include/minnow.h $(DESTDIR)$(PREFIX)/include/minnow.h

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.SECONDARY:
