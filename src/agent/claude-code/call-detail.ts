import { posix } from 'node:path'
import type { PlanItem, ToolDetail } from '../agent-event.ts'

type Input = Readonly<Record<string, unknown>>

/** A call of one of Claude Code's tools, under the name of our tool of the same kind. */
export interface AskedCall {
  readonly tool: string
  readonly input: Input
}

/** One line for people: `bash npm test`. */
export function callTitle(tool: string, input: Input, workspace: string): string {
  const path = shownPath(input.file_path ?? input.path, workspace)
  const pattern = stringOf(input.pattern)
  const what: Readonly<Record<string, string>> = {
    bash: stringOf(input.command),
    grep: [pattern, path || stringOf(input.glob)].filter(Boolean).join(' in '),
    glob: [pattern, path].filter(Boolean).join(' in '),
    plan: progressOf(planOf(input.todos) ?? []),
    finish: `${stringOf(input.outcome)}: ${stringOf(input.title)}`,
  }
  return `${tool} ${what[tool] ?? path}`.replaceAll(/\s+/g, ' ').trim()
}

function progressOf(items: readonly PlanItem[]): string {
  return `${items.filter(({ status }) => status === 'done').length}/${items.length} done`
}

/** Describes what a call did, from its arguments and its result. */
export function callDetail(
  { tool, input }: AskedCall,
  given: {
    readonly output: string
    readonly facts: unknown
    readonly isError: boolean
    readonly workspace: string
  },
): ToolDetail {
  const { output, facts, isError, workspace } = given
  const path = shownPath(input.file_path, workspace)
  if (tool === 'bash') {
    const exit = /^Exit code (\d{1,3})\n?/.exec(output)
    const exitCode = isError ? Number(exit?.[1] ?? 1) : 0
    return {
      kind: 'bash',
      command: stringOf(input.command),
      output: output.slice(exit?.[0].length ?? 0),
      exitCode,
    }
  }
  if (isError) return { kind: 'other', text: output, asked: { path: path || undefined } }
  switch (tool) {
    case 'read':
      return { kind: 'read', path, lines: numberOf(fieldOf(fieldOf(facts, 'file'), 'numLines')) }
    case 'edit': {
      const edits = [{ oldText: stringOf(input.old_string), newText: stringOf(input.new_string) }]
      return { kind: 'edit', path, edits }
    }
    case 'write': {
      const content = stringOf(input.content)
      return { kind: 'write', path, bytes: Buffer.byteLength(content), content }
    }
    case 'grep':
    case 'glob':
      return {
        kind: 'search',
        pattern: stringOf(input.pattern),
        matches: numberOf(fieldOf(facts, 'numFiles')),
      }
    default:
      return { kind: 'other', text: output }
  }
}

const STATUS: Readonly<Record<string, PlanItem['status']>> = {
  pending: 'pending',
  in_progress: 'in_progress',
  completed: 'done',
}

/** Reads the list of a `TodoWrite` call; undefined when the value is no list. */
export function planOf(todos: unknown): readonly PlanItem[] | undefined {
  if (!Array.isArray(todos)) return undefined
  return todos.slice(0, 100).map((todo) => ({
    text: stringOf(fieldOf(todo, 'content')),
    status: STATUS[stringOf(fieldOf(todo, 'status'))] ?? 'pending',
  }))
}

function shownPath(path: unknown, workspace: string): string {
  const given = stringOf(path)
  if (given === '' || !posix.isAbsolute(given)) return given
  const below = posix.relative(workspace, given)
  return below === '' ? '.' : below.startsWith('..') ? given : below
}

/** The text of a result, with `(image)` in the place of each image. */
export function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content
  const parts = Array.isArray(content) ? content : []
  return parts.map((part) => stringOf(fieldOf(part, 'text')) || '(image)').join('\n')
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0
}
