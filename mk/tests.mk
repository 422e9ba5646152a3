# Tests in C.  Theirs is a libv2m.so that lets out all there is, with the
# modules beside it, and of the engine what they call.
# Those of the gateway, whose names begin with it, have its objects as well.
UNITS = $(patsubst tests/unit/%.c,$(B)/tests/%,$(filter-out $(if \
	$(filter gateway,$(MODULES)),,tests/unit/gateway_%),\
	$(wildcard tests/unit/*.c)))
UNIT_LIB = $(B)/tests/lib/libv2m.so
UNIT_ENGINE = $(B)/tests/lib/engine.a
UNIT_GATEWAY = $(B)/tests/lib/gateway.a

$(UNIT_LIB): $(LIB_OBJ) $(MODULE_FILES)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(link_lib)
	$(Q)ln -sf $(MODULES:%=../../lib/v2m/%.so) $(@D)/

$(UNIT_ENGINE): $(filter-out %/v2m-media.o,$(ENGINE_OBJ))
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(UNIT_GATEWAY): $(gateway_OBJ)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(filter $(B)/tests/gateway_%,$(UNITS)): $(UNIT_GATEWAY)
$(filter $(B)/tests/gateway_%,$(UNITS)): UNIT_MORE = $(UNIT_GATEWAY) \
	$(shell $(PKG_CONFIG) --libs $(gateway_PKGS))

$(UNITS): $(B)/tests/%: $(B)/obj/tests/unit/%.o $(UNIT_LIB) $(UNIT_ENGINE)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/lib' -o $@ $< \
		$(UNIT_MORE) $(UNIT_ENGINE) -L$(@D)/lib -lv2m \
		$(shell $(PKG_CONFIG) --libs jansson) $(ENGINE_LIBS)

# The same with a hostile work.c, for the tests.
EVIL = $(B)/evil/v2m-media
EVIL_OBJ = $(filter-out %/work.o,$(ENGINE_OBJ)) $(B)/obj/tests/evil/work.o
$(EVIL): $(EVIL_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/../lib/v2m' -o $@ \
		$(EVIL_OBJ) -L$(B)/lib/v2m -lv2m $(ENGINE_LIBS)

units: $(UNITS) $(EVIL)

# TESTS='tests/flow/a.t ...' runs only those; SAN=1 all of it with sanitizers.
# CORPUS=DIR has media that others made, in the place of ../shared/corpus.
TESTS =
CORPUS =
run_tests = @scripts/install-deps build demo test && \
	$(MAKE) -s --no-print-directory all units && \
	$(if $(CORPUS),V2M_CORPUS='$(CORPUS)') tests/run $(B)

check:
	$(run_tests) all $(TESTS)

check-fast:
	$(run_tests) fast $(TESTS)

check-long:
	$(run_tests) long $(TESTS)

check-valgrind:
	$(run_tests) valgrind $(TESTS)

# JOBS=10000 SEED=7: so many, and the same order of faults again.
chaos: all
	@scripts/install-deps build demo test
	@python3 tests/chaos/chaos.py $(B)/bin $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(SEED),--seed $(SEED))

# SECONDS=600 JOBS=4 SEED=7 ONLY=upload: for so long, four at a time, in the
# same order again, and only the faults of one command.
faults: all
	@scripts/install-deps build demo test
	@python3 tests/faults/faults.py $(B)/bin \
		$(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(JOBS),--jobs $(JOBS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

lint: LINT = $(MAKE) -s --no-print-directory DEV=1 SAN= CFLAGS='-O2 -g' \
	all units
lint:
	@scripts/install-deps build test
	@$(LINT) B=build-lint
	@! command -v clang > /dev/null || $(LINT) B=build-lint-clang CC=clang
	@scripts/lint

# BENCH="convert memory": only these parts; tests/bench/run has the list.
BENCH =
bench: all
	@scripts/install-deps demo bench
	@tests/bench/run $(B)/bin $(B)/bench $(BENCH)
