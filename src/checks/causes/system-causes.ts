import { ADVICE, type CauseRule, named } from './cause.ts'

/** Rules for what the machine lacks: memory, disk, programs, libraries, rights. */
export const SYSTEM_CAUSES: readonly CauseRule[] = [
  {
    kind: 'disk',
    line: /No space left on device|\bENOSPC\b|[Dd]isk quota exceeded|\bEDQUOT\b|There is not enough space on the disk|kein Speicherplatz|Aucun espace disponible|No queda espacio|N\u00e3o h\u00e1 espa\u00e7o|\u041d\u0435 \u043e\u0441\u0442\u0430\u043b\u043e\u0441\u044c|\u8bbe\u5907\u4e0a\u6ca1\u6709\u7a7a\u95f4|\u7a7a\u304d\u9818\u57df/,
    say: () => ({
      text: 'the disk of the sandbox is full',
      advice: 'Raise BACKSPACE_SANDBOX_DISK_GIB, use a larger sandbox template, or install less in `setup:`.',
    }),
  },
  {
    kind: 'memory',
    line: /JavaScript heap out of memory|Cannot allocate memory|\bENOMEM\b|^MemoryError$|java\.lang\.OutOfMemoryError|Killed signal terminated program|fatal error: runtime: out of memory|out of memory allocating|virtual memory exhausted|Allowed memory size of \d+ bytes exhausted|signal: 9, SIGKILL|^.{0,40}\bKilled(?: +\S.{0,200})?$/,
    say: () => ({
      text: 'the memory of the sandbox is used up',
      advice:
        'Raise BACKSPACE_SANDBOX_MEMORY_GIB, use a larger sandbox template, or build with fewer jobs in `setup:`.',
    }),
  },
  {
    kind: 'library',
    line: /fatal error: ([\w./+-]{1,120}\.(?:h|hpp|hh|hxx))(?:: No such file|' file not found|: )|fatal error: '([\w./+-]{1,120}\.h)' file not found/,
    say: (first = '', other = '') => ({
      text: `the header file ${named(first || other)} of a system library is missing`,
      advice: ADVICE.library,
    }),
  },
  {
    kind: 'library',
    line: /cannot find -l([\w.+-]{1,80})|unable to find library -l([\w.+-]{1,80})|library not found for -l([\w.+-]{1,80})/,
    say: (...names) => ({
      text: `the system library ${named(names.find((name) => name) ?? '')} is missing`,
      advice: ADVICE.library,
    }),
  },
  {
    kind: 'library',
    line: /Package '([\w.+-]{1,80})'(?:, required by '[^']{1,80}',)? (?:was )?not found|No package '([\w.+-]{1,80})' found|Package ([\w.+-]{1,80}) was not found in the pkg-config search path/,
    say: (...names) => ({
      text: `the system library ${named(names.find((name) => name) ?? '')} is missing`,
      advice: ADVICE.library,
    }),
  },
  {
    kind: 'library',
    line: /error while loading shared libraries: ([\w.+-]{1,80}): cannot open/,
    say: (name = '') => ({ text: `the system library ${named(name)} is missing`, advice: ADVICE.library }),
  },
  {
    kind: 'library',
    line: /\b(mysql_config|pg_config|xml2-config|curl-config|freetype-config|sdl2-config|krb5-config|llvm-config|gdal-config|nc-config|icu-config|net-snmp-config)\b.{0,80}\bnot found|\bpg_config executable not found/,
    say: (name = '') => ({
      text: `${named(name || 'pg_config')} of a system library is missing`,
      advice: ADVICE.library,
    }),
  },
  {
    kind: 'program',
    line: /linker `([\w.+/-]{1,80})` not found|^\s*(?:error: )?(?:command|program) '([\w.+/-]{1,80})' (?:not found|failed: No such file or directory)|error: command '([\w.+/-]{1,80})' failed: No such file|unable to execute '([\w.+/-]{1,80})': No such file/,
    say: (...names) => ({
      text: `the compiler ${named(names.find((name) => name) ?? '')} is not installed`,
      advice: ADVICE.program,
    }),
  },
  {
    kind: 'program',
    line: /(No CMAKE_\w{1,12}_COMPILER could be found|Could not find compiler set in environment variable \w{1,12}|gyp ERR! find Python .{0,40}not find|No acceptable C compiler found|no acceptable C compiler found in \$PATH|Microsoft Visual C\+\+ .{0,20} is required)/,
    say: () => ({ text: 'a compiler or a build tool is not installed', advice: ADVICE.program }),
  },
  {
    kind: 'access',
    line: /\bEACCES\b.{0,120}|error: externally-managed-environment/,
    say: () => ({
      text: 'the command writes to a place of the system that it may not write to',
      advice: 'Install below the workspace: a virtual environment for Python, a local prefix for others.',
    }),
  },
]
