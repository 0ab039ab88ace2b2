import { shellQuote } from '../../../text/shell-quote.ts'
import type { CiLine, CiStep } from './ci-line.ts'
import { folderInside } from './job-steps.ts'
import { plainWords } from './plain-words.ts'
import { exportedBy, plainVariable, plainVariables } from './said-variables.ts'
import { withoutLauncher } from './script-launchers.ts'
import { settledLines } from './settled-lines.ts'

/** Programs that do something other than check a change, or that cannot do so in a sandbox. */
const FORBIDDEN =
  /^(?:sudo|curl|wget|ssh|scp|rsync|rm|git|gh|aws|gcloud|az|kubectl|apt|apt-get|brew|choco|codecov|coveralls|semantic-release|echo|printf|export|set|source|\.|if|for|while|do|done|fi|case|esac|exit|test|\[)$/
/** Words that have the same meaning anywhere in a command. */
const FORBIDDEN_WORD =
  /(?:^|[:/_-])(?:docker|podman|publish|deploy\w*|push|login|upload|secrets?|token|release)(?:$|[:/_-])|^docker/
const MOST_LETTERS = 900
/** A variable that names the interpreter: `$PYTHON -m pytest`. */
const INTERPRETER = /^["']?\$\{?(?:PY|PYTHON[23]?)(?:_?(?:PATH|EXE|BIN|EXECUTABLE|CMD))?\}?["']?(?= )/

/** Options of Python that end in `-m`: `-Im pytest`. */
const BUNDLED_MODULE = /((?:^|\s)python3?(?:\.\d{1,2})?) (-[bBdEIOPsSuvx]{1,6})m(?= )/

/** A variable for the folder of programs of a virtual environment: `${PREFIX}pytest`, `$VENV/bin/pytest`. */
const PROGRAM_PREFIX = /^\$\{?\w{0,20}(?:PREFIX|VENV|BIN)(?:_?DIR)?\}?\/?(?:bin\/)?(?=[a-z])/

/** Further arguments at the end that only a run of the workflow knows: `$PYTEST_ARGS`. */
const EXTRA =
  /(?: --| ["']?\$\{?(?:[@*]|\w{0,40}(?:ARG|OPT|FLAG|EXTRA|PARAM)\w{0,20}(?:\[[@*]\])?)\}?["']?){1,4}$/i

/** What comes before a program that installs packages of a language. */
const INSTALLS =
  /^sudo (?:-[A-Za-z]+ )?(?=(?:gem|pip3?|python3? -m pip|cpanm?|luarocks) (?:.{0,200} )?(?:install|--notest|[A-Z]\w*::)\b)/

/** A command that runs in the background, before another one: `npm test & npm run size`. */
const BACKGROUND = /^([^"'&|]{1,300}) & (?=\S)/

/** A command that runs if a file exists: `if [ -f requirements.txt ]; then pip install -r requirements.txt; fi`. */
const IF_THERE = /^if \[ -[ef] [\w./"'-]{1,100} \]; ?then ([^;]{1,300}); ?fi$/

/** A search path for programs that only the machine of CI has, or a file for coverage, whose name may depend on it. */
const OF_PATH = /^(?:PATH|COVERAGE_FILE)=["']?[^\s"']{1,300}["']? (?=\S)/

/** Options of cargo before its command, which choose no tests: `cargo --locked test`. */
const OF_CARGO = /(?<=^|\s)cargo(?: --(?:locked|frozen|offline|quiet|verbose)| -[qv]{1,3}){1,4}(?= [a-z])/

/** An expression with an unknown value, which may contain `&&`. */
const UNKNOWN = /\$\{\{(?:[^}]|\}(?!\})){0,400}\}\}/g

/** A variable for a build folder that only a run of the workflow knows. */
const BUILD_VARIABLE = /\$\{?\w{0,40}(?:BUILD|BLD)\w{0,40}\}?(?=["']?$)/

/** The plain commands of a step, each with its folder; all other lines are left out. */
export function linesOfStep(step: CiStep): readonly CiLine[] {
  const { file, job, jobName, variables = step.env } = step
  const lines: CiLine[] = []
  let folder = step.folder === undefined ? '' : placeAt('', step.folder)
  let [ending, line] = ['', step.line]
  const exported: string[] = []
  let depth = 0
  for (const { text, length } of settledLines(step.script, variables)) {
    const at = line
    line += length
    if (ending !== '') {
      if (text.trim() === ending) ending = ''
      continue
    }
    ending = /(?<!<)<<(?!<)-?\s{0,3}["']?(\w{1,40})/.exec(text)?.[1] ?? ''
    if (ending !== '') continue
    depth += deeper(text)
    // What a script exports under a condition depends on the machine.
    if (depth === 0) exported.push(...exportedBy(text))
    let here = folder
    // `(cd a && make test)` leaves the folder as it was.
    // What runs in the background is a command of its own. What comes after it may need it.
    const front = BACKGROUND.exec(text)?.[1] ?? text
    const bare = /^\((cd [^()]{1,400} && [^()]{1,400})\)$/.exec(front)?.[1] ?? front
    const parts = withValues(bare.replace(IF_THERE, '$1').replace(UNKNOWN, '$${{}}'), variables).split(
      / && |; (?=cd )|(?<=^cd [\w./-]{1,100}); |(?<=^(?:\.|source) [\w./-]{0,100}\/activate) ?; /,
    )
    for (const part of parts) {
      const plain = part
        .trim()
        .replace(/^(?:then|else) /, '')
        .replace(/ ?;$/, '')
      const [, target] =
        /^(?:cd|pushd) (?:-- )?["']?([^\s"']+)["']?$/.exec(plain.replace(BUILD_VARIABLE, 'build')) ?? []
      if (target !== undefined) {
        here = here === undefined ? undefined : placeAt(here, target)
        if (parts.length === 1) folder = here
        continue
      }
      // The target of this move is unknown, and so is the folder of the next commands.
      if (/(?:^|[\s;(])(?:cd|pushd|popd)(?:\s|$)/.test(plain)) {
        here = undefined
        folder = undefined
      }
      // Tests of an installed package do not depend on the folder.
      const place = /\bpytest .*--pyargs \w/.test(plain) ? placeAt('', step.folder ?? '') : here
      const command = place === undefined ? undefined : readCommand(fromFolder(once(plain), place))
      if (command === undefined || place === undefined) continue
      const { words, raw, env, needsScreen } = command
      lines.push({
        file,
        job,
        jobName,
        line: at,
        folder: placeAt('', folderInside(place, step.checkout)) ?? place,
        command: raw,
        words,
        env: [...new Set([...plainVariables(step.env), ...exported, ...env])],
        needsMore: (step.needsMore && !env.some((one) => /=sqlite/.test(one))) || needsScreen,
        ...(step.inContainer === true ? { inContainer: true } : {}),
      })
    }
  }
  return lines
}

/** By how many conditions and loops of a script the next line is deeper than this one. */
function deeper(text: string): number {
  return (
    (/^(?:if|for|while|until|case)\s/.test(text) ? 1 : 0) -
    (/(?:^|;\s?)(?:fi|done|esac)\b/.test(text) ? 1 : 0)
  )
}

/** Writes paths from the root (`/./tests`) as paths from the folder in which the command runs. */
function fromFolder(text: string, folder: string): string {
  const up = folder === '' ? '.' : folder.replace(/[^/]+/g, '..')
  return text.replace(/(^|[\s=]["']?|(?<=\s)-[SHBCI])\/\.(?=[/"'\s]|$)/g, `$1${up}`)
}

/** Reduces a retry such as `npm test || npm test` to one command. */
function once(text: string): string {
  const [first = '', ...more] = text.split(' || ')
  return more.length > 0 && more.every((one) => one === first) ? first : text
}

/** Replaces variables that have a plain value, and the number of processors by 4. */
function withValues(text: string, variables: Readonly<Record<string, string>>): string {
  return text
    .slice(0, 4000)
    .replace(
      /\$\((?:nproc|getconf _NPROCESSORS_ONLN|grep -c \^?processor \/proc\/cpuinfo)\)|`nproc`|\$\{?NPROC\}?/g,
      '4',
    )
    .replace(/\$\{?GITHUB_WORKSPACE\}?(?=["'/\s]|$)/g, '/.')
    .replace(/(?<==["']?)\$\{?PWD\}?(?=["'/\s]|$)/g, '.')
    .replace(/\$(?:(\w{1,60})|\{(\w{1,60})\})/g, (whole, bare: string | undefined, braced = '') => {
      const name = bare ?? braced
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined
      return value !== undefined && /^[\w@%+=:,./[\] -]{0,200}$/.test(value) ? value : whole
    })
}

interface PlainCommand {
  readonly words: readonly string[]
  readonly raw: string
  readonly env: readonly string[]
  readonly needsScreen: boolean
}

/** Shortens the path of a program in a virtual environment, or of bats in a clone: `.venv/bin/pytest` becomes `pytest`. */
function fromHere({ text, raw }: Readonly<Record<'text' | 'raw', string>>) {
  const plain = (word: string) => word.replace(/^(?:\.\/)?(?:\.?v?env|bats(?:-core)?)\/bin\/(?=\w)/, '')
  return { text: plain(text), raw: plain(raw) }
}

function readCommand(text: string): PlainCommand | undefined {
  const bare = withoutConfiguration(text)
    .replace(/ (?:2>&1|\| tee(?: -a)? [\w./-]+)(?=\s|$)/g, '')
    .replace(/\s#.*$/, '')
    .replace(INSTALLS, '')
    .replace(OF_PATH, '')
    .replace(OF_CARGO, 'cargo')
    .replace(EXTRA, '')
    .replace(PROGRAM_PREFIX, '')
    .replace(INTERPRETER, 'python3')
    .replace(BUNDLED_MODULE, '$1 $2 -m')
  // Unknown expressions make a command useless, even in quotes.
  const all = bare.length > MOST_LETTERS || bare.includes('${{') ? undefined : plainWords(bare)
  if (all === undefined) return undefined
  let at = 0
  const env: string[] = []
  let needsScreen = false
  for (; at < all.length; at++) {
    const word = all[at]?.text ?? ''
    const assigned = /^([A-Za-z_]\w{0,60})=(.*)$/.exec(word)
    if (assigned !== null) {
      env.push(...plainVariable(assigned[1] ?? '', assigned[2] ?? ''))
    } else if (/^xvfb-run/.test(word)) needsScreen = true
    else if (needsScreen && word.startsWith('-')) continue
    else if (word === 'timeout') at++
    else if (!/^(?:time|exec|command|env|nice)$/.test(word)) break
  }
  // A browser as an argument.
  if (all.slice(at + 1).some(({ text: word }) => /^(?:chrome|firefox)-headless$/.test(word)))
    needsScreen = true
  const rest = all.slice(at).map((word, index) => (index === 0 ? fromHere(word) : word))
  const words = rest.map((word) => word.text)
  const [program = ''] = words
  if (!/^[\w./][\w.+/-]*$/.test(program) || FORBIDDEN.test(program)) return undefined
  if (
    words.some((word) => FORBIDDEN_WORD.test(word) && !/^--|^build-[\w-]*release$|^release:build$/.test(word))
  )
    return undefined
  const plain = withoutLauncher(words)
  return plain === undefined
    ? { words, raw: rest.map((word) => word.raw).join(' '), env, needsScreen }
    : { words: plain, raw: plain.map(shellQuote).join(' '), env, needsScreen }
}

/** Removes arguments with unknown values from commands that configure, since they select a compiler or a machine. */
function withoutConfiguration(command: string): string {
  if (/^(?:just|g?make) /.test(command)) return command.replace(/ \w{1,60}=["']?\$\{\{\}\}["']?(?= )/g, '')
  if (command.startsWith('luarocks make '))
    return command.replace(/ \w{1,60}=(?:"[^"]{0,200}"|\S{0,200})/g, '')
  if (/^(?:\S{1,40} -m )?tox /.test(command))
    return withoutChoice(command).replace(/ -e ["']?\$(?:\{\{\}\}|\{?\w{1,60}[^\s"']{0,20})["']?(?= |$)/, '')
  if (command.startsWith('pixi run '))
    return command.replace(/ (?:-e|--environment)[ =]["']?\$(?:\{\{\}\}|\{?\w{1,60}\}?)["']?(?= )/, '')
  if (command.startsWith('uv pip install '))
    return command.replace(/ (?:--python|-p)[= ]["']?\$\{?\w{1,60}\}?["']?(?= )/, '')
  if (!/^(?:\S{0,100}\/configure|cmake|meson setup) /.test(command)) return command
  return command
    .replace(/\$\{\{\}\}|"[^"]{0,200}\$[^"]{0,200}"/g, '$')
    .split(' ')
    .filter((word) => !word.includes('$') && !word.endsWith('='))
    .join(' ')
}

/** Removes arguments for the tests with values that only a run knows, since they choose some of them: `tox -- $CHANGED`. */
function withoutChoice(command: string): string {
  const at = command.indexOf(' -- ')
  return at !== -1 && /\$\{/.test(command.slice(at)) ? command.slice(0, at) : command
}

/** Resolves a path from a folder of the repository; `/.` is the root. Undefined outside of the repository, or if it is not plain. */
export function placeAt(from: string, to: string): string | undefined {
  const isFromRoot = /^\/\.(?:\/|$)/.test(to)
  if (!/^[\w./@+-]*$/.test(to) || (to.startsWith('/') && !isFromRoot)) return undefined
  const parts = from === '' || isFromRoot ? [] : from.split('/')
  for (const part of to.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
