import { type ShellWord, shellQuote } from '../../text/shell-quote.ts'
import {
  type CoverageWish,
  calledAs,
  hasOption,
  hasOptionLike,
  type ReportFiles,
  type ReportWish,
  type Runner,
  type RunnerFolder,
  withFiles,
} from './runner.ts'

const MAVEN_GOAL = /^(?:test|verify|package|install)$/
const JVM = /\.(?:java|kt|groovy|scala)$/

/** RSpec reads its options from SPEC_OPTS however it is started. */
export function rspecReport({ path }: ReportFiles): ReportWish {
  return {
    env: { SPEC_OPTS: `--format progress --format json --out ${path('rspec.json')}` },
    format: 'rspec',
    source: { kind: 'files', pattern: path('rspec.json') },
  }
}

/** Where the builds of the JVM write JUnit's XML, however they are started. */
const JVM_REPORTS = {
  maven: ['*/surefire-reports/TEST-*.xml', '*/failsafe-reports/TEST-*.xml'],
  gradle: ['*/build/test-results/*/TEST-*.xml'],
  sbt: ['*/target/test-reports/*.xml'],
}

/** The reports of a build that something else starts, such as a makefile. */
export const JVM_REPORT: ReportWish = {
  format: 'junit',
  source: { kind: 'newer', patterns: Object.values(JVM_REPORTS).flat() },
}

export const OTHER_RUNNERS: readonly Runner[] = [
  {
    match: calledAs('go', 'test'),
    files: /\.go$/,
    report: (args, place) =>
      hasOption(args, '-json', '-c', '-exec', '-bench', '-args')
        ? undefined
        : { add: ['-json'], format: 'go', source: { kind: 'output' }, coverage: goCoverage(args, place) },
    narrow(args, { files, folder }) {
      const own = files.filter((file) => !isOfInnerModule(file, folder))
      if (own.length === 0 || !own.every((file) => file.endsWith('_test.go'))) return undefined
      const folders = [
        ...new Set(own.map((file) => `./${file.slice(0, Math.max(0, file.lastIndexOf('/')))}`)),
      ]
      const isPackage = ({ text }: ShellWord) => /^\.{1,2}(?:\/|$)|\.\.\.$|^all$/.test(text)
      return [...args.filter((word) => !isPackage(word)).map(({ raw }) => raw), ...folders.map(shellQuote)]
    },
  },
  {
    match: calledAs('mvn mvnw mvnd'),
    files: JVM,
    report: () => ({
      add: ['--fail-at-end'],
      format: 'junit',
      source: { kind: 'newer', patterns: JVM_REPORTS.maven },
    }),
    narrow(args, { files, folder }) {
      const classes = jvmClasses(files)
      if (classes === undefined || !args.some(({ text }) => MAVEN_GOAL.test(text))) return undefined
      // Phases after unit tests take long and say nothing about them.
      const isOfUnits = !classes.some((name) => /^IT|IT(?:Case)?$/.test(name))
      const goals = args.map(({ text, raw }) => (isOfUnits && MAVEN_GOAL.test(text) ? 'test' : raw))
      const names = args.map(({ text }) => text)
      const modules = hasOption(names, '-pl', '--projects', '-f', '--file') ? [] : mavenModules(files, folder)
      return [
        ...goals,
        ...(modules.length === 0 ? [] : ['-pl', shellQuote(modules.join(',')), '-am']),
        `-Dtest=${classes.join(',')}`,
        '-DfailIfNoTests=false',
        '-Dsurefire.failIfNoSpecifiedTests=false',
      ]
    },
  },
  {
    match: calledAs('gradle gradlew'),
    files: JVM,
    report: () => ({
      add: ['--continue'],
      format: 'junit',
      source: { kind: 'newer', patterns: JVM_REPORTS.gradle },
    }),
    narrow(args, { files }) {
      const classes = jvmClasses(files)
      const [task, ...others] = args.filter(({ text }) => !text.startsWith('-'))
      if (classes === undefined || task?.text !== 'test' || others.length > 0) return undefined
      // A project without a matching test would fail, so only the projects of the files run.
      const projects = Map.groupBy(files, (file) => file.slice(0, Math.max(0, file.indexOf('src/'))))
      const wanted = [...projects].flatMap(([folder, inside]) => [
        shellQuote(folder === '' ? ':test' : `:${folder.slice(0, -1).replaceAll('/', ':')}:test`),
        ...(jvmClasses(inside) ?? []).flatMap((name) => ['--tests', `'*${name}'`]),
      ])
      return [...args.filter((word) => word !== task).map(({ raw }) => raw), ...wanted]
    },
  },
  {
    // Its default settings write JUnit's XML.
    match: calledAs('sbt'),
    report: () => ({
      format: 'junit',
      source: { kind: 'newer', patterns: JVM_REPORTS.sbt },
    }),
  },
  {
    match: calledAs('dotnet', 'test'),
    files: /\.(?:cs|fs|vb)$/,
    report: (args, { path }) =>
      hasOption(args, '--logger', '-l', '--results-directory', '-r')
        ? undefined
        : {
            add: ['--logger=trx', `--results-directory=${path('trx')}`],
            format: 'trx',
            source: { kind: 'files', pattern: `${path('trx')}/*.trx` },
          },
    narrow(args, { files }) {
      const names = files.map((file) => /([^/]+)\.(?:cs|fs|vb)$/.exec(file)?.[1])
      if (
        names.includes(undefined) ||
        hasOption(
          args.map(({ text }) => text),
          '--filter',
        )
      )
        return undefined
      const filter = names.map((name) => `FullyQualifiedName~.${name}`).join('|')
      return [...args.map(({ raw }) => raw), '--filter', shellQuote(filter)]
    },
  },
  {
    match: calledAs('phpunit pest'),
    files: /\.php$/,
    report(args, { path }) {
      if (hasOption(args, '--log-junit')) return undefined
      const file = path('phpunit.xml')
      return { add: ['--log-junit', file], format: 'junit', source: { kind: 'files', pattern: file } }
    },
    narrow(args, { files }) {
      const names = files.map((file) => /([^/]+)\.php$/.exec(file)?.[1])
      if (
        names.includes(undefined) ||
        hasOption(
          args.map(({ text }) => text),
          '--filter',
        )
      )
        return undefined
      return [...args.map(({ raw }) => raw), '--filter', shellQuote(names.join('|'))]
    },
  },
  {
    match: calledAs('rspec'),
    files: /\.rb$/,
    report: (args, place) => (hasOption(args, '--format', '-f') ? undefined : rspecReport(place)),
    narrow: (args, { files, folder }) => withFiles(args, { files, folder, quoted: files.map(shellQuote) }),
  },
  {
    match: calledAs('rails', 'test'),
    files: /\.rb$/,
    report: () => ({ add: ['--verbose'], format: 'minitest', source: { kind: 'output' } }),
    narrow: (args, { files, folder }) => withFiles(args, { files, folder, quoted: files.map(shellQuote) }),
  },
  {
    match: calledAs('rake', 'test'),
    files: /\.rb$/,
    report: () => ({ env: { TESTOPTS: '--verbose' }, format: 'minitest', source: { kind: 'output' } }),
    narrow(args, { files }) {
      if (args.length > 0) return undefined
      return [`TEST=${shellQuote(files.length === 1 ? (files[0] ?? '') : `{${files.join(',')}}`)}`]
    },
  },
  {
    // ExUnit writes no report that a program could read, but it takes files.
    match: calledAs('mix', 'test'),
    report: () => undefined,
    narrow(args, { files, folder }) {
      // In an umbrella project, each app has its own tests.
      const isOwn = files.every((file) => file.endsWith('_test.exs') && !file.startsWith('apps/'))
      return isOwn ? withFiles(args, { files, folder, quoted: files.map(shellQuote) }) : undefined
    },
  },
  {
    match: calledAs('bats'),
    files: /\.bats$/,
    report: (args) => ({
      add: hasOption(args, '--tap', '-t') ? [] : ['--tap'],
      format: 'tap',
      source: { kind: 'output' },
    }),
    narrow: (args, { files, folder }) => withFiles(args, { files, folder, quoted: files.map(shellQuote) }),
  },
]

/** Coverage of the changed packages only, whichever tests run them. */
function goCoverage(args: readonly string[], { path, coverage }: ReportFiles): CoverageWish | undefined {
  const changed = (coverage?.files ?? []).filter((file) => file.endsWith('.go'))
  if (changed.length === 0 || hasOptionLike(args, '-cover', '--cover')) return undefined
  const packages = new Set(changed.map((file) => `./${file.slice(0, Math.max(0, file.lastIndexOf('/')))}`))
  const file = path('go.cover')
  return {
    add: [`-coverprofile=${file}`, shellQuote(`-coverpkg=${[...packages].join(',')}`)],
    format: 'go',
    pattern: file,
  }
}

/** Whether a file belongs to a module inside of this one. In a Go workspace, both are tested together. */
function isOfInnerModule(file: string, { has }: RunnerFolder): boolean {
  const folders = file.split('/').slice(0, -1)
  return !has('go.work') && folders.some((_, at) => has(`${folders.slice(0, at + 1).join('/')}/go.mod`))
}

/** The Maven modules of the files; empty if a file is in the folder's own project. */
function mavenModules(files: readonly string[], { has }: RunnerFolder): readonly string[] {
  const modules = files.map((file) => {
    const parts = file.split('/')
    const depth = parts.findLastIndex((_, at) => at > 0 && has(`${parts.slice(0, at).join('/')}/pom.xml`))
    return parts.slice(0, Math.max(0, depth)).join('/')
  })
  return modules.includes('') ? [] : [...new Set(modules)]
}

function jvmClasses(files: readonly string[]): readonly string[] | undefined {
  const names = files.map((file) => {
    const isSource = /(?:^|\/)src\//.test(file)
    return isSource
      ? /^([\w$]+)\.(?:java|kt|groovy|scala)$/.exec(file.slice(file.lastIndexOf('/') + 1))?.[1]
      : undefined
  })
  return names.includes(undefined) ? undefined : names.map((name) => name ?? '')
}
