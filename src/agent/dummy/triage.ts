import { posix } from 'node:path'
import { durationText } from '../../text/amounts.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { runsTests } from '../../text/code-checkers.ts'
import { withoutBrokenEnd } from '../../text/cut-text.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type { AgentContext, AgentTask, BareOutcome, BaselineCheck } from '../agent.ts'
import { lookAround } from '../look-around.ts'
import { titleOf } from '../title.ts'
import { type CodeOwnersReader, lookUpOwners, type Owners } from './owners.ts'
import { isTest, type RankedHits, searchHits } from './search-hits.ts'
import { findNamedThings, type NamedThings } from './search-terms.ts'
import type { ToolUser } from './tool-user.ts'

/** Everything that the dummy agent found. */
interface TriageFindings {
  readonly task: AgentTask
  /** `No AI model was used: …`. */
  readonly why: string
  /** Why changes written in the request were not applied; empty when there were none. */
  readonly failures: readonly string[]
  readonly files: readonly string[]
  readonly named: NamedThings
  readonly ranked: RankedHits
  readonly likely: readonly string[]
  readonly owners: Owners
}

/** The report in Markdown. Text from the repository or the request appears in code spans only. */
function triageReport(findings: TriageFindings): string {
  const { why, failures } = findings
  return [
    `${why} So nothing was changed. Here is what can be found without one.`,
    ...(failures.length > 0
      ? [`**A change is written in the request, but it could not be applied:**\n\n${list(failures)}`]
      : []),
    `### Where to look\n\n${whereToLook(findings)}`,
    ...occurrences(findings),
    `### The repository\n\n${repository(findings)}`,
    ...people(findings.owners),
    `### What to do next\n\n${nextSteps(findings)}`,
  ].join('\n\n')
}

function whereToLook({ named, ranked, likely, files }: TriageFindings): string {
  const mentioned = named.files.map(
    ({ path, line }) => `${inlineCode(line === undefined ? path : `${path}:${line}`)} (the request names it)`,
  )
  const probable = likely
    .filter((path) => !named.files.some((file) => file.path === path))
    .map((path) => {
      const terms = ranked.files.find((file) => file.path === path)?.terms ?? []
      return `${inlineCode(path)} (has ${terms
        .slice(0, 4)
        .map((text) => inlineCode(text))
        .join(', ')})`
    })
  const tests = nearestTests(likely, { files, ranked }).map((path) => `${inlineCode(path)} (nearest test)`)
  const lines = [...mentioned, ...probable, ...tests]
  if (lines.length === 0)
    return 'No word of the request occurs in the code, and it names no file that exists.'
  return list(lines)
}

function occurrences({ ranked }: TriageFindings): string[] {
  if (ranked.hits.length === 0) return []
  const lines = ranked.hits.map(
    ({ path, line, text }) => `${inlineCode(`${path}:${line}`)}\u2002${inlineCode(startOf(text) || ' ')}`,
  )
  return [`### Where the words of the request occur\n\n${list(lines)}`]
}

function startOf(line: string): string {
  return line.length <= 160 ? line : withoutBrokenEnd(line.slice(0, 160))
}

function repository({ task, files }: TriageFindings): string {
  const stack = detectStack(files).map(({ stack: name, manifest }) => `${name} (${inlineCode(manifest)})`)
  const checks = task.baseline.map(
    (check) =>
      `${inlineCode(check.command)} ${howItEnded(check)} before any change (${durationText(check.durationMs)})`,
  )
  return list([
    `${stack.length > 0 ? stack.join(', ') : 'No known build manifest'}, ${files.length} files`,
    ...(task.setup ? [`Set up: ${inlineCode(task.setup)}`] : []),
    ...(checks.length > 0 ? checks : ['No test or lint command was found']),
  ])
}

function people({ declared, authors, commits }: Owners): string[] {
  const lines = [
    ...(declared.length > 0
      ? [`Owners by CODEOWNERS: ${declared.map((text) => inlineCode(text)).join(', ')}`]
      : []),
    ...(authors.length > 0 ? [`Most commits: ${authors.map((text) => inlineCode(text)).join(', ')}`] : []),
    ...commits.map((commit) => `Recently: ${inlineCode(commit)}`),
  ]
  return lines.length > 0 ? [`### Who knows these files\n\n${list(lines)}`] : []
}

function nextSteps({ task, likely, named, files, ranked }: TriageFindings): string {
  const place = named.files[0]?.path ?? likely[0]
  const test = nearestTests(likely, { files, ranked })[0]
  const failing = task.baseline.find(isFailingTest)
  return [
    `- [ ] Reproduce it${failing ? `: ${inlineCode(failing.command)} fails already` : ' with a failing test'}${test ? `, next to ${inlineCode(test)}` : ''}`,
    `- [ ] Find the cause${place ? `, starting at ${inlineCode(place)}` : ''}`,
    '- [ ] Change it there, and run the checks',
    '- [ ] To have Backspace do it: comment `/backspace retry` once a model can be asked (`ANTHROPIC_API_KEY` or `OPENAI_API_KEY` is set, and has credit)',
    '- [ ] Or write the change yourself as a ` ```diff ` block in the comment: it is applied as it is',
  ].join('\n')
}

function howItEnded(check: BaselineCheck): string {
  switch (checkEnding(check)) {
    case 'passed':
    case 'flaky':
      return 'passes'
    case 'failed':
      return `fails with exit code ${check.exitCode}`
    case 'cannot_run':
      return check.cause?.text ?? 'is not installed'
    case 'did_not_end':
      return check.cause?.text ?? 'times out'
    case 'not_started':
      return check.cause?.text ?? 'was not started'
  }
}

/** Whether a check is a failing test, which may reproduce a bug. A failing linter or a missing program says nothing about it. */
function isFailingTest(check: BaselineCheck): boolean {
  return checkEnding(check) === 'failed' && runsTests(check.command)
}

/** Tests whose names are like that of a likely file; otherwise tests in which words of the request occur. */
function nearestTests(
  likely: readonly string[],
  { files, ranked }: { readonly files: readonly string[]; readonly ranked: RankedHits },
): readonly string[] {
  const tests = files.filter(isTest)
  const stems = likely.filter((path) => !isTest(path)).map(stem)
  const alike = stems.flatMap((name) => tests.filter((test) => stem(test) === name))
  const found = ranked.files.map(({ path }) => path).filter(isTest)
  return [...new Set([...alike, ...found])].filter((path) => !likely.includes(path)).slice(0, 3)
}

function stem(path: string): string {
  const name = posix.basename(path).replace(/\.\w+$/, '')
  return name.replace(/^test[_-]|[._-](?:test|spec)$|Tests?$/g, '').toLowerCase()
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}

const LIKELY_FILES = 5

/**
 * Searches for the subject of the request and writes a report.
 *
 * @param failures why changes written in the request were not applied.
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function writeTriage(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly tools: ToolUser
  readonly why: string
  readonly reading: { readonly codeOwners: CodeOwnersReader }
  readonly failures: readonly string[]
}): Promise<BareOutcome> {
  const { task, context, tools, why, reading, failures } = given
  const { sandbox, signal } = context
  const { workspace } = task
  showPlan(tools, 0)
  const { files, fileCount } = await lookAround(sandbox, { workspace, signal })
  const named = findNamedThings(requestText(task), files)
  const namedPaths = named.files.map(({ path }) => path)
  const ranked = await searchHits(named.terms, { tools, fileCount, named: new Set(namedPaths) })
  const found = ranked.files.map(({ path }) => path).filter((path) => !isTest(path))
  const likely = [...new Set([...namedPaths, ...found])].slice(0, LIKELY_FILES)
  showPlan(tools, 1)
  const owners = await lookUpOwners(likely, {
    sandbox,
    workspace,
    files,
    tools,
    codeOwners: reading.codeOwners,
  })
  showPlan(tools, 2)
  const summary = triageReport({ task, why, failures, files, named, ranked, likely, owners })
  return { kind: 'triage', title: titleOf(task), summary }
}

/** The texts of a request. The title comes first, because it names the subject. A text that another contains is left out. */
function requestText({ prompt, thread }: AgentTask): string {
  const parts = [thread?.title ?? '', prompt, thread?.body ?? '']
  return parts
    .filter((part, index) => !parts.slice(0, index).some((earlier) => earlier.includes(part)))
    .join('\n')
}

function showPlan(tools: ToolUser, done: number): void {
  const steps = [
    'Search the code for the words of the request',
    'Find tests, owners and history of these files',
  ]
  tools.plan(
    steps.map((text, index) => ({
      text,
      status: index < done ? 'done' : index === done ? 'in_progress' : 'pending',
    })),
  )
}

const MANIFESTS: readonly (readonly [file: RegExp, stack: string])[] = [
  [/^package\.json$/, 'Node.js'],
  [/^deno\.jsonc?$/, 'Deno'],
  [/^(?:pyproject\.toml|setup\.py|requirements\.txt|Pipfile)$/, 'Python'],
  [/^go\.mod$/, 'Go'],
  [/^Cargo\.toml$/, 'Rust'],
  [/^(?:pom\.xml|build\.gradle(?:\.kts)?)$/, 'Java'],
  [/^Gemfile$/, 'Ruby'],
  [/^composer\.json$/, 'PHP'],
  [/\.(?:csproj|sln|fsproj)$/, '.NET'],
  [/^(?:CMakeLists\.txt|Makefile|meson\.build)$/, 'make or CMake'],
]

/** The stacks of a repository, each with its manifest nearest to the root. */
export function detectStack(
  files: readonly string[],
): readonly { readonly stack: string; readonly manifest: string }[] {
  const nearFirst = files.toSorted((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
  return MANIFESTS.flatMap(([pattern, stack]) => {
    const manifest = nearFirst.find((file) => pattern.test(posix.basename(file)))
    return manifest === undefined ? [] : [{ stack, manifest }]
  })
}
