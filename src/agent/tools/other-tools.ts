import type { ToolCallPart } from '../../models/transcript.ts'
import type { Tool } from './tool.ts'

/** Names that other agents use for our tools, in lower case and without punctuation. */
const NAMES: Readonly<Record<string, string>> = {
  shell: 'bash',
  runcommand: 'bash',
  runshellcommand: 'bash',
  executecommand: 'bash',
  execcommand: 'bash',
  terminal: 'bash',
  multiedit: 'edit',
  strreplace: 'edit',
  editfile: 'edit',
  readfile: 'read',
  viewfile: 'read',
  view: 'read',
  writefile: 'write',
  createfile: 'write',
  grepsearch: 'grep',
  searchfilecontent: 'grep',
  findfiles: 'glob',
  filesearch: 'glob',
  todowrite: 'plan',
  updateplan: 'plan',
}

type Args = Readonly<Record<string, unknown>>

/** Converts arguments of other agents' tools to ours. Arguments that are not listed are matched by name or refused. */
const ARGUMENTS: Readonly<Record<string, (args: Args) => Args>> = {
  // `description` is for people only. A timeout above 600 must be in milliseconds.
  bash: ({ description: _, timeout, ...args }) =>
    typeof timeout === 'number'
      ? { ...args, timeout_s: timeout > 600 ? Math.min(600, Math.ceil(timeout / 1000)) : timeout }
      : args,
  read: ({ offset, limit, ...args }) => {
    if (!isCount(offset) && !isCount(limit)) return args
    const from = isCount(offset) ? Math.max(1, offset) : 1
    return { ...args, start_line: from, end_line: isCount(limit) ? from + Math.max(1, limit) - 1 : undefined }
  },
  grep: ({ '-i': ignoreCase, '-n': _, '-A': after, '-B': before, '-C': around, ...args }) => {
    const lines = [after, before, around].filter(isCount)
    const { output_mode: mode, head_limit: limit, type, ...ours } = args
    return without({
      ...ours,
      mode: mode === 'files_with_matches' ? 'files' : (mode ?? ours.mode),
      ignore_case: ignoreCase ?? ours.ignore_case,
      context: lines.length === 0 ? ours.context : Math.min(5, Math.max(...lines)),
      limit: isCount(limit) && limit > 0 ? Math.min(200, limit) : ours.limit,
      glob: typeof type === 'string' && ours.glob === undefined ? `*.${type}` : ours.glob,
    })
  },
  plan: ({ todos, ...args }) =>
    Array.isArray(todos) ? { ...args, items: todos.map(toItem) } : without({ ...args, todos }),
}

/**
 * Translates a call to our tools. Models that were trained with other tools use other names for tools and arguments, and
 * refusing such a call would cost a turn.
 */
export function asOurs(call: ToolCallPart, tools: readonly Tool[]): ToolCallPart {
  const names = tools.map(({ schema }) => schema.name)
  if (!names.includes(call.name)) {
    const plain = call.name.toLowerCase().replaceAll(/[^a-z]/g, '')
    const name = names.find((ours) => ours === plain || ours === NAMES[plain])
    return name === undefined ? call : asOurs({ ...call, name }, tools)
  }
  const { args } = call
  const translate = ARGUMENTS[call.name]
  if (translate === undefined || !isArgs(args)) return call
  return { ...call, args: translate(args) }
}

function toItem(todo: unknown): unknown {
  if (!isArgs(todo)) return todo
  const { content, status, activeForm: _, id: __, priority: ___, ...item } = todo
  return without({ ...item, text: content ?? item.text, status: status === 'completed' ? 'done' : status })
}

function isArgs(value: unknown): value is Args {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value)
}

/** The arguments without undefined values. */
function without(args: Args): Args {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
}
