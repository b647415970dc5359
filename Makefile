# hone: the everyday commands. Meson and Ninja do the work; see CONTRIBUTING.md.
#
#   make          build the release program at build/hone
#   make deps     install what building and testing need (Debian packages)
#   make demo     set up, build, and run the main job on a real service
#   make test     set up, build, and run all tests
#   make check    format, lint, layers, sizes, documentation in step
#   make check-long   calibration and other checks that take long
#   make bench    hone against its peers, in one run
#   make install / uninstall   (PREFIX=/usr/local, DESTDIR=)

PREFIX ?= /usr/local

all: build/hone

build/build.ninja:
	@tools/setup build -Dbuildtype=release

build/hone: build/build.ninja FORCE
	@ninja -C build hone | tools/quiet

deps:
	@tools/deps

demo: deps build/hone
	@tools/demo

test: deps build/hone
	@tools/test

check: build/hone
	@tools/check

check-long: deps build/hone
	@tools/check-long

bench: deps build/hone
	@tools/bench

install: build/hone
	@tools/install "$(DESTDIR)" "$(PREFIX)"

uninstall:
	@tools/install --remove "$(DESTDIR)" "$(PREFIX)"

clean:
	rm -rf build build-*

FORCE:

.PHONY: all deps demo test check check-long bench install uninstall clean FORCE
