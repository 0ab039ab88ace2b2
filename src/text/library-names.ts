/** Modules of Python's standard library that test runners load, or that what they load does. */
const PYTHON = `abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmd code codecs codeop collections colorsys
  concurrent configparser contextlib contextvars copy copyreg csv ctypes dataclasses datetime decimal difflib dis doctest email encodings
  enum errno faulthandler fileinput fnmatch fractions functools gc genericpath getopt getpass gettext glob graphlib gzip hashlib heapq hmac
  html http importlib inspect io ipaddress itertools json keyword linecache locale logging lzma marshal math mimetypes multiprocessing
  ntpath numbers opcode operator optparse os pathlib pdb pickle pkgutil platform plistlib posixpath pprint profile pstats pty pyclbr
  pydoc queue quopri random re reprlib resource runpy sched secrets select selectors shelve shlex shutil signal site socket socketserver
  sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys sysconfig tempfile termios textwrap threading time timeit
  token tokenize tomllib trace traceback tracemalloc types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser
  xml xmlrpc zipfile zipimport zlib zoneinfo
  pytest pluggy iniconfig packaging pygments exceptiongroup nose nose2 coverage hypothesis tox nox mock six attr attrs`
const RUBY = `abbrev base64 benchmark bigdecimal bundler cgi coverage csv date delegate did_you_mean digest drb english erb error_highlight etc
  fileutils find forwardable io ipaddr irb json logger minitest monitor objspace observer open3 optparse ostruct pathname pp prettyprint
  pstore psych racc rake random rbconfig rdoc readline rspec ripper rubygems securerandom set shellwords singleton socket stringio strscan
  syntax_suggest tempfile time timeout tmpdir tsort uri weakref yaml zlib`
const NAMES = { py: wordsOf(PYTHON), rb: wordsOf(RUBY) }

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}

const IN_PYTHON = /^(?:(?:src|lib|python|tests?)\/)?(\w{2,40})(?:\.py|\/__init__\.py)$/
const IN_RUBY = /^(?:lib|test|spec)\/(\w{2,40})\.rb$/
const IN_PERL = /^(?:lib|t\/lib|inc)\/(?:Test2?(?:\/\w+)*|TAP\/.+|Carp|Exporter|strict|warnings)\.pm$/

/**
 * True for a module of the project that is loaded in the place of one of the language or of a test runner, because its folder is
 * searched first. A program that brings one along decides what its tests say.
 *
 * @param path relative to where the tests start.
 */
export function takesPlaceOfLibrary(path: string): boolean {
  const python = IN_PYTHON.exec(path)?.[1]
  if (python !== undefined) return NAMES.py.has(python)
  const ruby = IN_RUBY.exec(path)?.[1]
  if (ruby !== undefined) return NAMES.rb.has(ruby.toLowerCase())
  return IN_PERL.test(path)
}
