import { inlineCode } from '../text/markdown/fenced.ts'

interface FailedCommand {
  /** Not 0. */
  readonly exitCode: number
  /** The command's output without colours; its middle may be missing. */
  readonly output: string
}

/**
 * Why a command could not start its work, such as a missing program: `could not run because `vitest` is not installed`.
 * Undefined if it ran and failed. A command that could not run says nothing about the code, so doubtful cases count as failed.
 */
export function whyCannotRun({ exitCode, output }: FailedCommand): string | undefined {
  const lines = edgesOf(output)
  for (const { line, text } of MISSING) {
    for (const printed of lines) {
      const found = line.exec(printed)
      if (found) return `could not run because ${text(nameOf(found), lines)}`
    }
  }
  const empty = lines.findIndex((line) => /^\s{0,4}does not contain a CMakeLists\.txt file\.$/.test(line))
  const [, folder] = EMPTY_FOLDER.exec(lines[empty - 1] ?? '') ?? []
  if (folder !== undefined)
    return `could not run because ${inlineCode(folder, 80)} is empty: if it is a submodule, let \`setup:\` in \`.github/backspace.yml\` fetch it`
  if (exitCode === 127) return `could not run because ${missing(nameIn127(lines))}`
  if (exitCode === 126) return 'could not run because its program cannot be executed'
  return undefined
}

/** A folder of vendored code that CMake builds with the project's own. */
const EMPTY_FOLDER =
  /^\s.{0,200}\/((?:extern(?:al)?s?|3rd_?party|third_?party|vendor|deps|dependencies|submodules|subprojects|modules|libs?)\/[\w./+-]{1,120})$/i

const MOST_LINES = 60
const MOST_CHARS = 400

/** The first and last lines of an output: programs report at once, or last, why they cannot start. */
function edgesOf(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const some =
    lines.length <= 2 * MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), ...lines.slice(-MOST_LINES)]
  return some.map((line) => line.trimEnd().slice(0, MOST_CHARS))
}

function nameOf([, name = '', other = '']: RegExpExecArray): string {
  return name || other
}

function missing(name: string): string {
  if (name === '') return 'a program that it needs is not installed'
  // A path is a file of the repository or of its dependencies; `@scope/name` is a package.
  const isPath = name.includes('/') && !name.startsWith('@')
  return isPath ? `there is no ${inlineCode(name, 80)}` : `${inlineCode(name, 60)} is not installed`
}

/** The program in a shell's message, in any language: `bash: line 2: pytest: command not found`. Empty if none is found. */
function nameIn127(lines: readonly string[]): string {
  for (const line of lines.toReversed()) {
    const found = /^.{0,80}?(?:\d+ ?: )?([\w@./+-]{1,80}) ?: [^:]{3,60}$/u.exec(line)
    if (found) return nameOf(found)
  }
  return ''
}

/** Modules that run tests and linters. If another module is missing, the code itself may be wrong. */
const RUNNERS =
  'jest|vitest|mocha|ava|tap|tape|jasmine|karma|cypress|playwright|@playwright/test|@jest/globals|ts-jest|ts-node|tsx|typescript|eslint|prettier|@biomejs/biome|stylelint|turbo|nx|lerna|pytest|_pytest|nose|nose2|tox|nox|coverage|mypy|ruff|flake8|pylint|black|django'

interface MissingRule {
  readonly line: RegExp
  /** @param lines the first and last lines of the output. */
  readonly text: (name: string, lines: readonly string[]) => string
}

/** Rules for whole lines of the failed program, so that tests that print similar words do not match. */
const MISSING: readonly MissingRule[] = [
  // Shells that a package manager started, which may change the exit code.
  {
    line: /^(?:\S{0,60}\/)?(?:ba|da|z|k|a)?sh: (?:line )?(?:\d+: )?([\w@./+-]{1,80}): (?:command |inaccessible or )?not found$/,
    text: missing,
  },
  { line: /^zsh: command not found: ([\w@./+-]{1,80})$/, text: missing },
  {
    line: /^(?:\/usr\/bin\/)?env: [‘'"`]?([\w@./+-]{1,80})[’'"`]?: No such file or directory$/,
    text: missing,
  },
  { line: /^g?make(?:\[\d+\])?: ([\w@./+-]{1,80}): No such file or directory$/, text: missing },
  // Node.
  {
    line: /^npm (?:error|ERR!) npx canceled due to missing packages and no YES option: \["((?:@[\w.-]+\/)?[\w.-]+)/,
    text: missing,
  },
  { line: /^npm (?:error|ERR!) Missing script: "([^"]{1,80})"$/, text: (name) => noScript(name) },
  { line: /^\s*ERR_PNPM_NO_SCRIPT\s+Missing script: (\S{1,80})$/, text: (name) => noScript(name) },
  { line: /^error Command "([^"]{1,80})" not found\.$/, text: missing },
  { line: /^Usage Error: Couldn't find a script (?:or binary )?named "([^"]{1,80})"/, text: missing },
  { line: /^\s*ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL\s+Command "([^"]{1,80})" not found$/, text: missing },
  { line: /^error: Script not found "([^"]{1,80})"$/, text: (name) => noScript(name) },
  {
    line: /^(?:# )?Error(?: \[MODULE_NOT_FOUND\])?: Cannot find module '[^']{0,300}node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\/[^']{0,200}'$/,
    text: missing,
  },
  {
    line: new RegExp(
      `^(?:# )?(?:Error: |\\S{0,40}Error \\[ERR_MODULE_NOT_FOUND\\]: )Cannot find (?:module|package) '(${RUNNERS})'`,
    ),
    text: missing,
  },
  // Python.
  { line: /^\S{0,120}python[\d.]{0,8}(?:\.exe)?: No module named '?([\w.]{1,80})'?\.?$/, text: missing },
  {
    line: new RegExp(`^(?:ModuleNotFoundError|ImportError): No module named '?(${RUNNERS})'?$`),
    text: missing,
  },
  { line: /^error: Failed to spawn: `?([^`\s]{1,80})`?$/, text: missing },
  { line: /^Command not found: (\S{1,80})$/, text: missing },
  { line: /^Error: the command ([\w.-]{1,80}) could not be found within PATH/, text: missing },
  {
    line: /^\S{1,40}: (?:exit 1 .{0,60}|failed with )([\w.-]{1,60}) is not allowed, use allowlist_externals/,
    text: missing,
  },
  // Rust and Go.
  { line: /^error: no such (?:sub)?command: `([^`]{1,80})`$/, text: (name) => missing(`cargo ${name}`) },
  { line: /^error: '([\w.-]{1,60})' is not installed for the toolchain/, text: missing },
  { line: /^error: toolchain '([^']{1,80})' is not installed/, text: (name) => missing(`Rust ${name}`) },
  { line: /^go: no such tool "([^"]{1,80})"$/, text: missing },
  // The JVM.
  {
    line: /^Error: (?:Could not find or load main class|Unable to access jarfile) (\S{1,200})$/,
    text: missing,
  },
  {
    line: /^(?:ERROR|Error): (?:JAVA_HOME is (?:not set|set to an invalid directory)|The JAVA_HOME environment variable is not defined)/,
    text: () => missing('java'),
  },
  // Ruby, PHP, .NET, Elixir.
  { line: /^bundler: command not found: (\S{1,80})$/, text: missing },
  { line: /can't find executable (\S{1,60}) for gem|can't find gem (\S{1,60})/, text: missing },
  { line: /^Could not open input file: (\S{1,120})$/, text: missing },
  {
    line: /^\s*(?:\* )?No \.NET SDKs were found|^The command could not be loaded, possibly because:$/,
    text: () => missing('the .NET SDK'),
  },
  {
    line: /^\*\* \(Mix\) The task "([^"]{1,60})" could not be found/,
    text: (name) => missing(`mix ${name}`),
  },
  // Versions of a language that the sandbox does not have.
  {
    line: /^go: (?:\S{1,80} )?go\.mod requires go >= (\S{1,20}) /,
    text: (name) => `it needs ${inlineCode(`go ${name}`)}`,
  },
  {
    line: /^go: download go(\S{1,20}?)(?: for \S{1,30})?: /,
    text: (name) => `it needs ${inlineCode(`go ${name}`)}`,
  },
  {
    line: /^error: rustc (\S{1,20}) is not supported by the following package/,
    text: (name) => `it needs a newer Rust than ${inlineCode(name)}`,
  },
  {
    line: /^Your Ruby version is \S{1,20}, but your Gemfile specified (.{1,40})$/,
    text: (name) => `it needs ${inlineCode(`ruby ${name}`)}`,
  },
  {
    line: /^error: No interpreter found for Python (\S{1,40})/,
    text: (name) => `it needs ${inlineCode(`python ${name}`)}`,
  },
  {
    line: /^(?:The currently activated|Current) Python version \S{1,30} is not (?:supported|allowed) by the project \(([^)]{1,40})\)/,
    text: (name) => `it needs ${inlineCode(`python ${name}`)}`,
  },
  // Versions of Maven and Java that a pom.xml requires, or that its compiler knows.
  {
    line: /^\s*bad class file: \/modules\/java\.base\//,
    text: () => 'its compiler cannot read the classes of this Java, which is newer: it needs an older Java',
  },
  {
    line: /^\[ERROR\] (?:.{1,200}: )?Detected ((?:Maven|JDK) [Vv]ersion:? \S{1,40}(?: \(JAVA_HOME=.{0,200}\))? is not in the allowed range \S{1,40}?)\.?$/,
    text: (name) => `its build asks for another version: ${inlineCode(name, 200)}`,
  },
  { line: /^Requested SDK version: (\S{1,20})$/, text: (name) => missing(`.NET SDK ${name}`) },
  // A wrapper that cannot fetch the tool that it wraps.
  {
    line: /^Exception in thread "main" java\.net\.(?:UnknownHost|Connect|NoRouteToHost)Exception: (\S{1,120})/,
    text: (name) => `its wrapper could not reach ${inlineCode(name)}`,
  },
  {
    line: /^Exception in thread "main" java\.io\.IOException: (?:Downloading from (\S{1,200}) failed|Server returned HTTP response code: 403 for URL: (\S{1,200})|Unable to tunnel through proxy)/,
    text: (name, lines) => {
      const [, wanted] =
        lines.map((line) => /^Downloading (https?:\/\/\S{1,200})$/.exec(line)).find(Boolean) ?? []
      const what = name || wanted
      return `its wrapper could not fetch ${what === undefined ? 'its build tool' : inlineCode(what, 200)}`
    },
  },
  // Maven, whose registry did not answer. One that has no such artifact did answer, and the change may ask for a wrong one.
  {
    line: /^\[(?:FATAL|ERROR)\] .{0,300}Could not transfer artifact (\S{1,100}) from\/to /,
    text: (name) => `${inlineCode(name, 100)} could not be fetched`,
  },
  // Dependencies that setup should have installed.
  {
    line: /(?:^|': )Could not find (?:gem ')?([\w.-]{1,80})(?: \([^)]{1,60}\))?'? in (?:any of the (?:gem )?sources|locally installed gems)/,
    text: missing,
  },
  {
    line: /^(?:Run `bundle install` to install missing gems|bundler: failed to load command: (\S{1,60}))/,
    text: (name) => missing(name || 'a gem'),
  },
  {
    line: /^Unchecked dependencies for environment \w{1,20}:$|^\*\* \(Mix\) Can't continue due to errors on dependencies$/,
    text: () => missing('a dependency'),
  },
  // A Makefile.
  {
    line: /^g?make(?:\[\d+\])?: \*\*\* No rule to make target [‘'`]([\w.-]{1,60})['’](?:\. {1,2}Stop\.)?$/,
    text: (name) => `there is no rule for ${inlineCode(name)}`,
  },
  {
    line: /^g?make(?:\[\d+\])?: \*\*\* No targets specified and no makefile found\.(?: {1,2}Stop\.)?$/,
    text: () => 'there is no Makefile',
  },
]

function noScript(name: string): string {
  return `${inlineCode('package.json')} has no script ${inlineCode(name, 60)}`
}
