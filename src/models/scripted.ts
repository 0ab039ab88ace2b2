import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { Model, RespondOptions, Turn } from './model.ts'
import type { AssistantEntry, Transcript, Usage } from './transcript.ts'

export interface ScriptedModelOptions {
  /** The name to show people; default: the file's name. */
  readonly name?: string
  /** The turns, or in `path` the path of a JSON file with them. */
  readonly turns?: readonly ScriptedTurn[]
  readonly path?: string
}

type Turns = z.output<typeof scriptedTurns>

/**
 * A model that follows a script, for the demo and for tests. The number of turns in the transcript decides which turn
 * of the script comes next, so a run that continues goes on where it was; the last turn repeats. It costs nothing: here
 * a `costUsd` of 0 is the price and not a guess.
 *
 * @throws {BackspaceError} `config_invalid` when the script cannot be read.
 */
export function createScriptedModel({ name, turns, path }: ScriptedModelOptions): Model {
  const title = name ?? (path === undefined ? 'script' : basename(path, '.json'))
  const script = parseScript(turns ?? readScript(path), title)
  return {
    name: `scripted:${title}`,
    respond: (transcript, options) => play({ script, title }, transcript, options),
  }
}

function readScript(path: string | undefined): unknown {
  if (path === undefined) throw invalidScript('it needs turns or a path', 'script')
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw invalidScript(
      error instanceof SyntaxError ? 'it is not JSON' : 'the file cannot be read',
      basename(path),
    )
  }
}

function parseScript(script: unknown, title: string): Turns {
  const parsed = scriptedTurns.safeParse(script)
  if (parsed.success) return parsed.data
  throw invalidScript(z.prettifyError(parsed.error).replaceAll('\n', ' '), title)
}

function invalidScript(problem: string, title: string): BackspaceError {
  return new BackspaceError(
    'config_invalid',
    `The script "${title}" of the scripted model is not usable: ${problem}.`,
  )
}

async function play(
  { script, title }: { readonly script: Turns; readonly title: string },
  transcript: Transcript,
  { signal }: RespondOptions,
): Promise<Turn> {
  signal.throwIfAborted()
  const started = performance.now()
  const played = transcript.entries.filter(({ role }) => role === 'assistant').length
  const turn = script[Math.min(played, script.length - 1)]
  if (!turn) throw new RangeError('A script has at least one turn.')
  await pause(turn.delayMs, signal)
  const firstTokenMs = performance.now() - started
  const entry = toEntry(turn, { title, number: played + 1, transcript })
  return { notes: [], entry, costUsd: 0, durationMs: performance.now() - started, firstTokenMs, attempts: 1 }
}

function toEntry(
  turn: Turns[number],
  { title, number, transcript }: { title: string; number: number; transcript: Transcript },
): AssistantEntry {
  const calls = turn.calls.map(({ name, args = {} }, index) => {
    return { type: 'tool_call', id: `call_${number}_${index + 1}`, name, args } as const
  })
  const text = turn.text ? [{ type: 'text', text: turn.text } as const] : []
  return {
    role: 'assistant',
    parts: [...text, ...calls],
    origin: {
      provider: 'scripted',
      model: title,
      responseId: `scripted_${number}`,
      stop: calls.length > 0 ? 'tool_use' : 'end',
      usage: turn.usage ?? countTokens(turn, transcript),
    },
    native: null,
  }
}

/** Counts a token for about four characters, so that dashboards show figures of a likely size. */
function countTokens(turn: Turns[number], transcript: Transcript): Usage {
  const input = Math.ceil(JSON.stringify(transcript.entries.map(({ parts }) => parts)).length / 4)
  const output = Math.ceil(((turn.text ?? '') + JSON.stringify(turn.calls)).length / 4)
  return { input, cacheRead: 0, cacheWrite: 0, output }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return
  try {
    await delay(ms, undefined, { signal })
  } catch {
    throw signal.reason
  }
}

const usage = z.strictObject({
  input: z.number().int().min(0).default(0),
  cacheRead: z.number().int().min(0).default(0),
  cacheWrite: z.number().int().min(0).default(0),
  output: z.number().int().min(0).default(0),
})

/** The turns of a scripted model: a JSON array, at least one turn. */
const scriptedTurns = z
  .array(
    z.strictObject({
      /** What the model says. */
      text: z.string().optional(),
      /** The tools that the model calls. A turn without calls ends the work. */
      calls: z.array(z.strictObject({ name: z.string().min(1), args: z.unknown() })).default([]),
      /** Tokens to report; default: counted from the texts. */
      usage: usage.optional(),
      /** Milliseconds to wait before the first word. */
      delayMs: z.number().min(0).max(600_000).default(0),
    }),
  )
  .min(1)

/** One turn as written, before defaults. */
type ScriptedTurn = z.input<typeof scriptedTurns>[number]
