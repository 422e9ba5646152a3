# What goes where: the file in the build, and its folder.
INSTALL ?= install
MAN1 = $(wildcard man/*.1)
MAN5 = $(wildcard man/*.5)
MAN7 = $(wildcard man/*.7)
MAN8 = $(wildcard man/*.8)
SHARE = $(PREFIX)/share
BASHDIR = $(SHARE)/bash-completion/completions
ZSHDIR = $(SHARE)/zsh/site-functions
FISHDIR = $(SHARE)/fish/vendor_completions.d
# A user's state is ~/.local/share/v2m: what is installed must not be there.
ifneq ($(filter %/.local %/.local/,$(PREFIX)),)
DATADIR = $(SHARE)/v2m-samples
endif
# put MODE FOLDER FILES: the mode of a folder that is there stays.
put = $(if $(strip $(3)),{ [ -d '$(DESTDIR)$(2)' ] || \
	$(INSTALL) -d '$(DESTDIR)$(2)'; } && \
	$(INSTALL) -m $(1) $(3) '$(DESTDIR)$(2)')
# sample MODE FOLDER FILE: those name /usr/local.
sample = $(call put,$(1),$(2),$(3)) && sed -i \
	's,/usr/local/share/v2m,$(DATADIR),g; s,/usr/local,$(PREFIX),g' \
	'$(DESTDIR)$(2)/$(notdir $(3))'
# complete SHELL FOLDER: a cross-build may have none.
complete = [ ! -d $(B)/completions/$(1) ] || \
	{ $(call put,644,$(2),$(B)/completions/$(1)/*); }

may-install:
	@case '$(PREFIX)' in \
	/*) ;; \
	*) echo "make: PREFIX has to begin with /" >&2; exit 64 ;; \
	esac
	@mkdir -p '$(DESTDIR)$(BINDIR)' 2> /dev/null && \
	[ -w '$(DESTDIR)$(BINDIR)' ] || { \
		echo "make: you may not write to $(DESTDIR)$(BINDIR): do" \
		    "it as root, or for yourself: make install" \
		    'PREFIX="$$HOME/.local"' >&2; \
		exit 77; }

may-uninstall:
	@[ ! -e '$(DESTDIR)$(BINDIR)' ] || [ -w '$(DESTDIR)$(BINDIR)' ] || { \
		echo "make: you may not write to $(DESTDIR)$(BINDIR): do" \
		    "it as root, or name the PREFIX of the installation" >&2; \
		exit 77; }

install: may-install all
	$(call put,755,$(BINDIR),$(BINS))
	$(call put,644,$(LIBDIR),$(LIB) $(MODULE_FILES))
	$(call put,755,$(LIBEXECDIR),$(ENGINE))
	$(call put,644,$(MANDIR)/man1,$(MAN1))
	$(call put,644,$(MANDIR)/man5,$(MAN5))
	$(call put,644,$(MANDIR)/man7,$(MAN7))
	$(call put,644,$(MANDIR)/man8,$(MAN8))
	$(call complete,bash,$(BASHDIR))
	$(call complete,zsh,$(ZSHDIR))
	$(call complete,fish,$(FISHDIR))
	$(call put,644,$(DATADIR),scripts/init.sql)
	$(call sample,644,$(DATADIR)/supervisor,scripts/supervisor/v2m.conf)
	$(foreach f,$(wildcard scripts/systemd/*),$(call \
		sample,644,$(DATADIR)/systemd,$(f)) &&) :
	$(call put,644,$(DATADIR)/nginx,scripts/nginx/v2m.conf)
	$(call put,644,$(DATADIR)/prometheus,$(wildcard scripts/prometheus/*))
	$(call sample,644,$(DATADIR)/cron,scripts/cron/crontab)
	$(call sample,755,$(DATADIR)/cron,scripts/cron/v2m-drop-folder)

# The same list, taken away again; folders of ours too, others' stay: with a
# DATADIR of one's choice it may have more.
SAMPLES = init.sql cron nginx prometheus supervisor systemd
gone = rm -f $(foreach f,$(notdir $(2)),'$(DESTDIR)$(1)/$(f)')

uninstall: may-uninstall
	$(call gone,$(BINDIR),$(BINS))
	$(call gone,$(MANDIR)/man1,$(MAN1))
	$(call gone,$(MANDIR)/man5,$(MAN5))
	$(call gone,$(MANDIR)/man7,$(MAN7))
	$(call gone,$(MANDIR)/man8,$(MAN8))
	$(call gone,$(BASHDIR),$(CMDS))
	$(call gone,$(ZSHDIR),$(CMDS:%=_%))
	$(call gone,$(FISHDIR),$(CMDS:%=%.fish))
	rm -rf '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(LIBEXECDIR)'
	rm -rf $(SAMPLES:%='$(DESTDIR)$(DATADIR)'/%)
	[ ! -d '$(DESTDIR)$(DATADIR)' ] || \
		rmdir --ignore-fail-on-non-empty '$(DESTDIR)$(DATADIR)'
