import type { Step } from '../stand-ins/models/script.ts'
import type { Conversation, Policy, Result } from './conversation.ts'
import type { Fixture, Gold, GoldEdit } from './fixture.ts'

type Call = NonNullable<Extract<Step, { text?: string }>['calls']>[number]

/** More than this many lines are read around the place that the search found, instead of from the beginning. */
const PAGE = 700

/**
 * A model that knows the right change but not its place: it looks around, searches, reads what it will touch,
 * changes it through the tools, runs the checks, and finishes. It goes on only while everything it is shown fits;
 * otherwise it ends as `partial`, and `surprises` says what did not.
 */
export function createOracle(fixture: Fixture): {
  readonly policy: Policy
  readonly surprises: readonly string[]
} {
  const { gold } = fixture
  const surprises: string[] = []
  const moves = isChange(gold) ? [look, read, change, check] : [look, read]
  function policy(conversation: Conversation): Step {
    const surprise = findSurprise(fixture, conversation)
    if (surprise !== undefined) surprises.push(surprise)
    if (surprises.length > 0) return finish({ outcome: 'partial', summary: 'The oracle is lost.' })
    const move = moves[conversation.turns]
    return move ? { calls: move(fixture, conversation) } : finish(claimOf(fixture))
  }
  return { policy, surprises }
}

function isChange({ answer, question }: Gold): boolean {
  return answer === undefined && question === undefined
}

function look({ clue }: Fixture): Call[] {
  return [
    { name: 'glob', args: { pattern: '*' } },
    { name: 'grep', args: { pattern: clue } },
  ]
}

function read({ gold, reads }: Fixture, { results }: Conversation): Call[] {
  const found = results.map(({ text }) => text).join('\n')
  const touched = [...Object.keys(gold.edit), ...Object.keys(gold.rename), ...gold.delete]
  return [...new Set([...touched, ...reads, ...(isChange(gold) ? [] : pathsIn(found))])].map((path) => ({
    name: 'read',
    args: { file_path: path, ...placeOf(path, found) },
  }))
}

/** Paths that a search has hit. */
function pathsIn(found: string): string[] {
  return [...found.matchAll(/^([^:\n]+):\d+:/gm)].flatMap(([, path]) => path ?? [])
}

function placeOf(path: string, found: string): { start_line?: number; end_line?: number } {
  const hit = found.split('\n').find((line) => line.startsWith(`${path}:`))
  const line = Number(hit?.slice(path.length + 1).split(':')[0] ?? 1)
  return line > PAGE ? { start_line: line - 5, end_line: line + 5 } : {}
}

/** What git and the shell do comes last: a file that was moved cannot be edited where it was. */
function change({ gold }: Fixture): Call[] {
  const edits = Object.entries(gold.edit).map(([path, list]) => ({
    name: 'edit',
    args: { file_path: path, edits: list.map(toEdit) },
  }))
  const writes = Object.entries(gold.write).map(([path, content]) => ({
    name: 'write',
    args: { file_path: path, content },
  }))
  const commands = [
    ...Object.entries(gold.rename).map(([from, to]) => `mv '${from}' '${to}'`),
    ...gold.delete.map((path) => `rm '${path}'`),
    ...gold.executable.map((path) => `chmod +x '${path}'`),
  ].map((command) => ({ name: 'bash', args: { command } }))
  return [...edits, ...writes, ...commands]
}

function toEdit([from, to, all]: GoldEdit) {
  return { old_string: from, new_string: to, ...(all ? { replace_all: true } : {}) }
}

function check({ checks }: Fixture): Call[] {
  const commands = [...Object.keys(checks), 'git status --short && git diff --stat']
  return commands.map((command) => ({ name: 'bash', args: { command } }))
}

function finish(claim: {
  readonly outcome: string
  readonly summary: string
  readonly question?: string
}): Step {
  return { calls: [{ name: 'finish', args: { title: 'Do what the issue asks for', ...claim } }] }
}

function claimOf({ gold: { answer, question } }: Fixture) {
  if (answer !== undefined) return { outcome: 'no_change', summary: answer }
  if (question !== undefined)
    return { outcome: 'blocked', summary: 'There are two ways to read it.', question }
  return { outcome: 'done', summary: 'It does what the issue asks for.' }
}

/** Why the last results differ from what a model that knows the answer expects; undefined when they do not. */
function findSurprise(fixture: Fixture, { results }: Conversation): string | undefined {
  const wrong = results.find(({ name, isError }) => isError && name !== 'finish')
  if (wrong) return `${wrong.name} said ${wrong.text}`
  const found = results.find(({ name }) => name === 'grep')
  if (found?.text === 'No match.') return `nothing matches ${fixture.clue}`
  return results.map((result) => unread(fixture, result) ?? misjudged(fixture, result)).find(Boolean)
}

/** An edit is made of what was read, never of what is only known. */
function unread({ gold }: Fixture, { name, args, text }: Result): string | undefined {
  if (name !== 'read') return undefined
  const lines = (gold.edit[args.file_path] ?? []).flatMap(([from]) => from.split('\n'))
  const missing = lines.find((line) => !text.includes(line))
  return missing === undefined ? undefined : `${args.file_path} does not show "${missing}"`
}

function misjudged({ checks }: Fixture, { name, args, text }: Result): string | undefined {
  const wanted = name === 'bash' ? checks[args.command]?.[1] : undefined
  if (wanted === undefined || text.startsWith('exit 0 ') === (wanted === 'passes')) return undefined
  return `${args.command} should be one that ${wanted}, but: ${text}`
}
