import { shellQuote } from '../../../text/shell-quote.ts'
import { memberScript } from './member-script.ts'
import type { SaidLine } from './said-lines.ts'

/** A script of a package, or a tool of its dependencies, that CI runs as a check. */
export type SaidScript =
  | { readonly kind: 'own'; readonly name: string; readonly line: SaidLine }
  | {
      readonly kind: 'tool'
      readonly text: string
      readonly family: string
      readonly env: readonly string[]
      /** True if it runs only in members of a workspace that it names. */
      readonly ofMembers?: true
      readonly line: SaidLine
    }

/** Names of scripts that need a browser, a screen, a service or much time, or that do something other than check. */
const UNFIT =
  /(?<!\bno-?)(?:e2e|cypress|playwright|browser(?!less))|visual|a11y|accessib|storybook|chromatic|bench|perf|smoke|windows|watch|update|size|deploy|sauce|android|(?:^|[:-])ios|canary|nightly|docker|integration|package|pack(?:age)?$|edge|safari|firefox|chrome|external|live|remote|mutation|debug|report|upload|merge|leak|install|changeset|commitlint|licen[cs]es?$|(?:^|[:-])links?(?:[:-]|$)|browserstack|webdriver|wpt|bundle|workflow|publish|release|(?:^|[:-])(?:build|start|fix)|(?:^|[:_-])(?:count|fetch|summary|shard|list|generate|print|clean|setup|prepare|seed|download)(?:[:_-]|$)/i
const FAMILIES: readonly (readonly [family: string, name: RegExp])[] = [
  [
    'typecheck',
    /^(?:[\w-]+:)?(?:type-?check|types?-check|types|tsc|check[:-]types?|types:check|test[:-]types?|test[:-]tsc?|typings|ts-check|check[:-]ts|lint[:-]types?)(?:[:-](?:ci|tests?|all))?$/,
  ],
  ['test', /^tests?(?:[:._-]|$)/],
  ['format', /format|prettier|fmt/],
  ['lint', /lint|biome|style|knip|spell/],
  ['test', /test|unit|spec|jest|vitest|mocha|cover|(?:^|:)t$/],
  ['check', /^(?:check|validate|verify)(?:[:_-]|$)|^ci$/],
]
const SCRIPT = /^(?:npm|pnpm|yarn|bun)(?: run| run-script)?(?: -(?!-filter|F|r$|w)[\w-]+)* ([\w:.-]+)(?: |$)/
const NARROWED =
  /^(?:--filter|-F|-w|--workspaces?|-ws|-r|--recursive|workspaces?|foreach|--prefix|dlx)(?:=|$)/
/** Names of scripts that run all tests, whatever else is called `test:…`. */
export const ALL_TESTS =
  /^(?:ci[:-])?(?:tests?|unit|specs?)(?:[:._-](?:ci|units?|cov(?:er(?:age)?)?|all|node|vi|vitest|jest|mocha|full|run|once|prod|js|src|lib|core|only|local|fast|jsdom|happy-dom|browserless|no-?(?:e2e|cypress|playwright|browsers?)))*$|^(?:ci|coverage|cover|jest|vitest|mocha|nyc)$/
/** Commands of test runners that packages install. */
const TOOL =
  /^(?:(?:npx|bunx|pnpm exec|pnpm|yarn run|yarn|npm exec --|npm exec)(?: --(?:no-install|no|yes))? )?(?:(?:c8|nyc)(?: --?[\w=.-]+)* )?((?:vitest|jest|mocha|ava|tap|turbo|nx|lerna|gulp|grunt)(?: .*)?|(?:node --|vp )test(?: .*)?|tree-sitter test)$/
const REPORTS =
  /^(?:--coverage.*|--ci|--reporters?(?:=.*)?|--silent|--verbose|--watch=false|--watchAll=false|--maxWorkers=.*|--max-workers.*|--parallel=.*|--base=.*|--head=.*|--since.*|--forceExit|--affected|--cache-dir=.*|--token=.*|--team=.*|--api=.*|--summarize|--color)$/

/** A folder as an argument. Unlike a file, it is one of the parts in which CI tests. */
const FOLDER = /^[\w@.-][\w@./-]*\/$/

/** The scripts and tools by which CI checks a package, each once, in the order of CI. */
export function saidScripts(lines: readonly SaidLine[]): readonly SaidScript[] {
  const seen = new Set<string>()
  return lines.flatMap((line): readonly SaidScript[] => {
    if (line.role !== 'test' && line.role !== 'lint') return []
    const one = readMembers(line) ?? readTool(line) ?? readScript(line)
    const id = one === undefined ? '' : one.kind === 'own' ? one.name : one.text
    if (one === undefined || seen.has(id) || (line.needsMore && one.kind === 'tool')) return []
    seen.add(id)
    return [one]
  })
}

/** Reads a command that tests members of a workspace that it names. */
function readMembers(line: SaidLine): SaidScript | undefined {
  const member = memberScript(line.words)
  if (member === undefined || line.role !== 'test' || UNFIT.test(line.command)) return undefined
  if (
    (!member.isProgram && !ALL_TESTS.test(member.name)) ||
    member.rest.some((word) => !REPORTS.test(word) && !/^(?:--run|run|src)$/.test(word))
  )
    return undefined
  const words = line.words.filter((word) => !REPORTS.test(word) && word !== '--')
  return {
    kind: 'tool',
    text: words.map(shellQuote).join(' '),
    family: 'test',
    env: line.env,
    ofMembers: true,
    line,
  }
}

function readScript(line: SaidLine): SaidScript | undefined {
  if (line.words.some((word) => NARROWED.test(word))) return undefined
  const name = SCRIPT.exec(line.command)?.[1]
  if (name === undefined || UNFIT.test(name)) return undefined
  return { kind: 'own', name: name === 't' ? 'test' : name, line }
}

function readTool(line: SaidLine): SaidScript | undefined {
  const tool = testsOfTurbo(testsOfNx(TOOL.exec(line.command)?.[1]))
  if (tool === undefined || UNFIT.test(tool)) return undefined
  const all = tool.split(' ')
  const options = /^(?:gulp|grunt) /.test(tool) ? all.findIndex((word) => word.startsWith('-')) : -1
  const words = all.slice(0, options === -1 ? undefined : options).filter((word) => !REPORTS.test(word))
  const [program = '', ...rest] = words
  // Paths and names narrow it down to some of the tests.
  const isNarrow =
    /^(?:vitest|jest|mocha|ava|tap|vp)$/.test(program) &&
    (program === 'vp' ? rest.slice(1) : rest).some(
      (word) => !word.startsWith('-') && word !== 'run' && !FOLDER.test(word),
    )
  if (isNarrow && program !== 'mocha' && program !== 'ava') return undefined
  const isOneFile = program === 'node' && rest.slice(1).some((word) => /^[\w./-]+\.[cm]?[jt]s$/.test(word))
  if (isOneFile) return undefined
  const text = words
    .join(' ')
    .replace(/^vitest(?! run)\b/, 'vitest run')
    .replace(/^nx affected\b/, 'nx run-many')
  return { kind: 'tool', text, family: 'test', env: line.env, line }
}

/** Turns `turbo run lint build test` into `turbo run test`; other commands stay as they are. */
function testsOfTurbo(tool: string | undefined): string | undefined {
  const [, tasks = '', options = ''] = /^turbo(?: run)?((?: [\w:-]+)+)((?: -.*)?)$/.exec(tool ?? '') ?? []
  const all = tasks.trim().split(' ')
  return all.length > 1 && all.includes('test') ? `turbo run test${options}` : tool
}

/** Turns `nx affected --targets=lint,test,e2e` into `nx run-many --targets=test`; undefined if nx runs no tests, or of one project. */
function testsOfNx(tool: string | undefined): string | undefined {
  const [, targets, joined] =
    /^nx (?:affected|run-many)\b.*? (?:--targets?|-t)[= ]([\w,:-]{1,300})(.*)$/.exec(tool ?? '') ?? []
  // `nx test a` tests a single project.
  if (/^nx test [\w@]/.test(tool ?? '')) return undefined
  if (targets === undefined) return tool
  const tests = targets
    .split(',')
    .filter((one) => /^(?:test(?:[:-](?:ci|unit))?|unit(?:-?tests?)?)$/.test(one))
  const left = (joined ?? '').split(' ').filter((word) => /^--(?:exclude|configuration|projects)=/.test(word))
  return tests.length === 0 ? undefined : [`nx run-many --targets=${tests.join(',')}`, ...left].join(' ')
}

/** Whether a script, by its name, needs what a sandbox lacks or does something other than check. */
export function isUnfit(name: string): boolean {
  return UNFIT.test(name)
}

/** The kind of check that a script of this name is: `typecheck`, `test`, `format`, `lint`, `check`; undefined if it is none. */
export function familyOf(name: string): string | undefined {
  return FAMILIES.find(([, pattern]) => pattern.test(name))?.[0]
}

/** The commands by which a manager runs a script in each member that has it, with the name as the last word. */
const IN_EACH =
  /^(?:pnpm (?:(?:-r|--recursive|--if-present|--no-bail|--parallel|--stream|run) ){1,5}|yarn workspaces (?:run |foreach (?:-\S{1,40} ){1,5}run ))([\w:.-]+)$|^npm (?:run |run-script )?([\w:.-]+) (?:--workspaces|-ws)(?: --if-present)?$/

/** The scripts, such as `test:unit` of `pnpm -r test:unit`, that lines run in each member that has them. */
export function scriptsOfEach(
  lines: readonly SaidLine[],
): readonly { readonly name: string; readonly line: SaidLine }[] {
  return lines.flatMap((line) => {
    const [, ofPnpm, ofNpm] = IN_EACH.exec(line.command) ?? []
    const isOne = /^pnpm (?!.*(?:-r|--recursive) )/.test(line.command)
    const name = isOne ? undefined : (ofPnpm ?? ofNpm)
    return name === undefined ? [] : [{ name, line }]
  })
}
