import { shellQuote } from '../../../text/shell-quote.ts'
import { cargoForm } from './cargo-form.ts'
import {
  ofAllAliases,
  ofOnePackage,
  ofOneStep,
  ofUnits,
  type PlainForm,
  withoutFiles,
  withoutPaths,
  withoutProject,
} from './narrowed-forms.ts'
import type { SaidLine } from './said-lines.ts'

/** Options for reports and coverage, which leave files behind, and for verbosity. */
const REPORTS =
  /^(?:--?(?:cov|coverage|cover|codecov|junit|log-junit|logger|collect|results?-directory|settings|test-results|reporter|report|output-file|outputFile|log-cobertura|blame|diag|bl|binlog|show-output|export|display)(?:[-=:/].*)?|--coverage.*|-Pcoverage|--no-build|--no-restore|--nologo|--include-coverage|-p:CollectCoverage.*|\/p:.*|-v(?::|=).*|--verbosity.*|--(?:no-)?progress|--(?:no-)?interaction|--ansi|--colors?(?:=.*)?|--no-coverage)$/
const WITH_VALUE =
  /^(?:--(?:logger|collect|results-directory|settings|test-adapter-path|verbosity|reporter|outputFile|coverage-[\w-]+|log-junit|blame-[\w-]+|log[-_]file)|-v|-l|-s)$/

/** Options that select some of the tests. */
const NARROWED = /^--?(?:package-path|filter|group|only|tests-regex|example|tag|suite|testsuite|match)(?:=|$)/

type Reader = (line: SaidLine) => PlainForm | undefined

/** How a sandbox runs a command of CI; undefined if it cannot, such as a command for another platform. */
export function plainForm(line: SaidLine): PlainForm | undefined {
  const reader = Object.hasOwn(READERS, line.ecosystem) ? READERS[line.ecosystem] : undefined
  return (reader ?? readAny)(line)
}

const READERS: Readonly<Record<string, Reader>> = {
  Go: readGo,
  Rust: cargoForm,
  Maven: readMaven,
  Gradle: readGradle,
  '.NET': (line) => withoutProject(withoutReports(line, WITH_VALUE)),
  PHP: (line) => ofUnits(withoutPaths(withoutReports(line, /^--(?:coverage-(?!text)[\w-]+|log-junit)$/))),
  Ruby: (line) => withoutPaths(withoutReports(line, /^(?:--format|-f|--out|-o)$/)),
  Elixir: (line) =>
    withoutPaths(withoutReports(line, /^--(?:slowest|max-cases|seed|partitions|export-coverage)$/)),
  // A formatter needs a module of its own, and so do tests for authors.
  Perl: (line) =>
    withoutFiles(withoutReports({ ...line, words: withoutAuthors(line.words) }, /^--formatter$/)),
  Swift: (line) => withoutReports(line, /^--(?:num-workers|xunit-output)$/),
  Bazel: readBazel,
  make: readMake,
  Scala: readScala,
  Dart: readDart,
  Haskell: (line) => ofOnePackage(readAny(line)),
  Zig: (line) => ofOneStep(readAny(line)),
  Clojure: (line) => ofAllAliases(readAny(line)),
}

function readAny(line: SaidLine): PlainForm | undefined {
  return withoutReports(line, /^--shard$/)
}

function withoutReports({ words }: SaidLine, withValue: RegExp): PlainForm | undefined {
  const kept: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (at > 0 && (withValue.test(word) || isWrapped(word, words[at + 1]))) at++
    else if (at === 0 || !REPORTS.test(word)) kept.push(word)
  }
  return { command: join(kept), isWhole: !kept.some((word) => NARROWED.test(word)), width: 1 }
}

/** Whether an option starts each test in a tool that looks for leaks, which is slow and may be missing: `--runner 'valgrind -q'`. */
function isWrapped(option: string, value: string | undefined): boolean {
  return /^--(?:runner|wrap(?:per)?)$/.test(option) && value?.startsWith('valgrind') === true
}

function readDart({ words }: SaidLine): PlainForm | undefined {
  // `pub run` is the old name of `dart run`.
  const text = words.join(' ').replace(/^(?:dart )?pub run /, 'dart run ')
  if (/chrome|firefox|safari|dart2js|dart2wasm|--platform[= ]node|-p node/.test(text)) return undefined
  const plain = text.replace(
    / (?:--platform[= ]vm|-p vm|--test-randomize-ordering-seed[= ]\S+|--coverage-path[= ]\S+|--coverage\S*|--reporter[= ]\S+|-r \S+|-j\s?\d+|--concurrency[= ]\d+)(?= |$)/g,
    '',
  )
  return {
    command: plain,
    isWhole: !/ \S+\.dart(?: |$)| integration_test| (?:-t|--tags)[ =]/.test(plain),
    width: 1,
  }
}

/** Options of `go test` that are dropped with their value, which may be the next word. */
const GO_VALUES =
  /^(?:shuffle|skip|list|benchtime|blockprofile(?:rate)?|(?:cpu|mem|mutex)profile|memprofilerate|outputdir|trace|fuzztime|gcflags|asmflags|buildmode|compiler|pkgdir|toolexec)$/

function readGo({ words: [program = '', ...rest], env }: SaidLine): PlainForm | undefined {
  if (env.some((one) => /^GO(?:ARCH|OS)=(?!amd64$|linux$)/.test(one))) return undefined
  const afterDashes = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : []
  const inner = afterDashes[0] === 'go' && afterDashes[1] === 'test' ? afterDashes.slice(2) : afterDashes
  // Another program starts the tests, for example in a virtual machine.
  if (program === 'gotestsum' && /^[a-z]/.test(inner[0] ?? '')) return undefined
  const args = program === 'gotestsum' ? inner : rest.slice(1)
  const kept: string[] = []
  const packages: string[] = []
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    const [, name = '', value] = /^--?([\w.]+)(?:=(.*))?$/.exec(word) ?? []
    if (name === '') packages.push(word)
    else if (/^(?:run|bench|fuzz|exec|o|c)$/.test(name)) return undefined
    else if (
      /^(?:tags|ldflags|mod|modfile|p|parallel|count|timeout|cpu|coverprofile|covermode|coverpkg|vet)$/.test(
        name,
      )
    ) {
      const said = value ?? args[++at] ?? ''
      if (/^(?:tags|mod|modfile|p|parallel)$/.test(name)) kept.push(`-${name}=${said}`)
    } else if (name === 'short') kept.push('-short')
    else if (GO_VALUES.test(name) && value === undefined) at++
  }
  // If CI names several trees, the others usually need what a sandbox lacks, so these count as everything.
  const areTrees = packages.length > 1 && packages.every((one) => /^\.\/[\w./-]+\/\.\.\.$/.test(one))
  const isAll = packages.includes('./...') || (program === 'gotestsum' && packages.length === 0)
  const isWhole = isAll || areTrees
  const all = packages.length === 0 ? ['./...'] : packages
  const width =
    (isAll ? 14 : 4) -
    (kept.includes('-short') ? 1 : 0) -
    (kept.some((one) => one.startsWith('-tags')) ? 0 : 1)
  return { command: join(['go', 'test', ...kept, ...all]), isWhole, width }
}

function readMaven({ words }: SaidLine): PlainForm | undefined {
  const [program = '', ...args] = words
  const goals: string[] = []
  const kept: string[] = []
  let isWhole = true
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    if (/^(?:test|verify|package|install)$/.test(word))
      goals.push(word === 'package' || word === 'install' ? 'verify' : word)
    else if (/^-(?:pl|-projects|Dtest=.*|Dit\.test=.*)$/.test(word)) {
      isWhole = false
      if (!word.includes('=')) at++
    } else if (/^-[PT]$/.test(word)) at++
    // The option names another manifest beside the usual one.
    else if (/^(?:-f|--file)$/.test(word)) kept.push('-f', args[++at] ?? '')
    else if (/^-P\w/.test(word) && !/release|sign|deploy|cover|sonar|containers?\b|docker/i.test(word))
      kept.push(word)
    else if (
      /^-D[\w.]+(?:=[\w.,/-]*)?$/.test(word) &&
      !/gpg|sonar|skipTests|maven\.(?:test|main)\.skip|jacoco|wagon|http|(?:jdk|java|bytecode)\.version/i.test(
        word,
      )
    )
      kept.push(word)
    else if (/skipTests|maven\.test\.skip/.test(word) && !word.endsWith('=false')) return undefined
  }
  const goal = goals.includes('verify') ? 'verify' : goals[0]
  if (goal === undefined) return undefined
  const runner = /mvnw$/.test(program) ? 'sh ./mvnw' : 'mvn'
  const all = [runner, '--batch-mode', '--no-transfer-progress', ...kept.map(shellQuote), goal]
  return { command: all.join(' '), isWhole, width: goal === 'verify' ? 2 : 1 }
}

/** Properties of Gradle that select a compiler or a machine. */
const OF_MACHINE = /java|jdk|graal|version|ci$|cache|kotlin|android|native/i

function readGradle({ words }: SaidLine): PlainForm | undefined {
  const [program = '', ...args] = words
  const tasks = args.filter(
    (word) => /^[\w:-]+$/.test(word) && !word.startsWith('-') && word !== 'clean' && word !== 'assemble',
  )
  if (tasks.some((task) => /publish|deploy|upload|connected|spotlessApply|release|sonar|jacoco/i.test(task)))
    return undefined
  const wanted = tasks.filter((task) => /(?<!native)test$|check$|^build$|:build$/i.test(task))
  if (wanted.length === 0) return undefined
  const kept: string[] = []
  for (let at = 0; at < args.length; at++) {
    if (/^(?:-x|--exclude-task)$/.test(args[at] ?? '')) kept.push('-x', args[++at] ?? '')
    else if (/^-P[\w.]+(?:=[\w.,/-]*)?$/.test(args[at] ?? '') && !OF_MACHINE.test(args[at] ?? ''))
      kept.push(args[at] ?? '')
  }
  const runner = /gradlew$/.test(program) ? 'sh ./gradlew' : 'gradle'
  const excluded = new Set(kept)
  if (['test', 'jvmTest', 'allTests', 'check'].some((task) => excluded.has(task))) return undefined
  const chosen = wanted.filter((task) => !excluded.has(task))
  // Of several projects in one line, the others usually need what a sandbox lacks.
  const projects = chosen.filter((task) => /^:[\w:-]+:(?:test|check|build|allTests|jvmTest)$/.test(task))
  // `-x :core:test` leaves the tests of a project to another job.
  const isWhole =
    (projects.length > 1 || chosen.some((task) => /^:?(?:test|check|build|allTests|jvmTest)$/.test(task))) &&
    !kept.some((task) => /^:[\w:-]+:(?:test|check)$/.test(task))
  return {
    command: [runner, '--no-daemon', '--console=plain', ...kept.map(shellQuote), ...chosen].join(' '),
    isWhole,
    width: chosen.some((task) => /build|check/i.test(task)) ? 2 : 1,
  }
}

function readBazel({ words }: SaidLine): PlainForm | undefined {
  const targets = words.filter((word) => /^(?:-?\/\/|\.\.\.|:|@)/.test(word))
  const kept = words.filter((word) => targets.includes(word) || /^--test_tag_filters=/.test(word))
  const program = words[0]?.includes('/') ? words[0] : 'bazel'
  return {
    command: join([program, 'test', ...kept]),
    isWhole: targets.some((one) => /\.\.\./.test(one)),
    width: 1,
  }
}

/** Reads commands of Scala. Of projects for several platforms, a sandbox tests the one for the JVM. */
function readScala({ words }: SaidLine): PlainForm | undefined {
  const text = words.join(' ')
  if (/native|js\b|wasm|firefox|chrome/i.test(text) || /\btest[/:]\s?compile\b/i.test(text)) return undefined
  // `'++ 2.13; test'` is one word for the shell, and two commands for sbt.
  const kept = words
    .map((word) => (word.includes(';') ? word.replace(/^\s{0,9};?\s{0,9}\+\+[^;]{0,40};\s{0,9}/, '') : word))
    .filter((word) => word !== '' && !/^\+\+|^-J|^-D/.test(word))
  if (kept.length < 2) return undefined
  return {
    command: join(kept),
    isWhole: !/\bproject (?!root|all\b|\w*jvm\b)|testOnly|[\w-]+\/test\b/i.test(text),
    width: /jvm/i.test(text) ? 2 : 1,
  }
}

function readMake({ words }: SaidLine): PlainForm | undefined {
  return {
    command: join(
      words
        .filter((word) => !/^-j\d*$|^V=|^VERBOSE=|^DISTCHECK_\w+=/.test(word))
        // `distcheck` runs the same tests, and also creates an archive.
        .map((word) => (word === 'distcheck' ? 'check' : word)),
    ),
    isWhole: true,
    width: 1,
  }
}

function withoutAuthors(words: readonly string[]): readonly string[] {
  return words[0] === 'dzil'
    ? words.filter((word) => !/^--(?:author|release|extended|all)$/.test(word))
    : words
}

function join(words: readonly string[]): string {
  return words.map(shellQuote).join(' ')
}
