import { z } from 'zod'
import type { JsonObjectSchema, ToolSchema } from '../../models/model.ts'
import type { ImagePart } from '../../models/transcript.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { FetchHistory } from '../agent.ts'
import type { AskedOfTool, PlanItem, ToolDetail } from '../agent-event.ts'

/** Something the builtin agent may do in the sandbox. */
export interface Tool {
  /** What the model sees of the tool. Frozen, because it is part of the prefix that must never change within a run. */
  readonly schema: ToolSchema
  /** True when the tool changes nothing, so that several calls may run at once. */
  readonly readOnly: boolean
  /** Checks the arguments of one call. Never throws: a problem is text that tells the model what to do next. */
  prepare(args: unknown): PreparedCall
}

export type PreparedCall =
  | {
      readonly ok: true
      /** One line for people: `bash npm test`. */
      readonly title: string
      readonly asked?: AskedOfTool | undefined
      /** @throws {SandboxError} when the sandbox is lost. */
      readonly run: (context: ToolContext) => Promise<ToolResult>
    }
  | { readonly ok: false; readonly problem: string }

/** What a call may use. Tools reach the workspace through the sandbox only. */
export interface ToolContext {
  readonly callId: string
  readonly sandbox: Sandbox
  /** Absolute path of the workspace inside the sandbox. */
  readonly workspace: string
  readonly signal: AbortSignal
  /** Hash of each file as the agent last saw it, by path in the workspace: the guard against stale edits. */
  readonly seenFiles: Map<string, string>
  /** Process groups that `bash` left running; the agent kills them when it is done. */
  readonly backgroundGroups: Set<number>
  /** Returns the repository's instructions for these files' directories that the model has not seen yet. */
  readonly instructionsFor: (files: readonly string[]) => Promise<AddedInstructions>
  /** Undefined when no more history can be fetched. */
  readonly fetchHistory?: FetchHistory | undefined
  readonly onPlan: (items: readonly PlanItem[]) => void
  readonly onFinish: (claim: FinishClaim) => Promise<FinishVerdict>
}

/** Instructions to add to a result, with the paths of their files. The text is empty when there are none. */
export interface AddedInstructions {
  readonly text: string
  readonly paths: readonly string[]
}

/** What the model says when it calls `finish`. The host checks it against the workspace. */
export interface FinishClaim {
  readonly outcome: 'done' | 'partial' | 'blocked' | 'no_change'
  readonly title: string
  readonly summary: string
  /** The commands that the model says it ran. */
  readonly testsRun?: readonly string[] | undefined
  readonly notes?: string | undefined
  readonly question?: string | undefined
}

/** The answer to a claim; `text` tells the model why it was not accepted, or what to look at once more. */
export interface FinishVerdict {
  readonly verdict: 'accepted' | 'sent_back' | 'self_review'
  readonly text: string
}

export interface ToolResult {
  readonly status: 'ok' | 'error'
  /** What the model reads. */
  readonly text: string
  readonly images?: readonly ImagePart[] | undefined
  /** Files of the workspace that the result shows; instructions for their directories are added to the text. */
  readonly files?: readonly string[]
  /** Size in bytes before `text` was cut; undefined when it was not. */
  readonly fullBytes?: number | undefined
  /** What people see of the result; `maskBounded` cuts it to size. */
  readonly detail: ToolDetail
  /** A text that is equal when the same thing happens again, for example without times. Default: `text`. */
  readonly fingerprint?: string
}

interface ToolDefinition<Args> {
  readonly name: string
  readonly description: string
  readonly args: z.ZodType<Args>
  /** Names that models trained on other tools use for our arguments. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Arguments that some models give at the top level instead of in a list; they become the list's only item. */
  readonly single?: { readonly into: string; readonly from: readonly string[] }
  readonly readOnly?: boolean
  readonly title: (args: Args) => string
  /** What people see when the call fails. */
  readonly asked?: (args: Args) => AskedOfTool
  readonly run: (args: Args, context: ToolContext) => Promise<ToolResult>
}

/** Makes a Tool from a definition. The schema is derived from `args`, and `run` gets only arguments that fit it. */
export function defineTool<Args>(definition: ToolDefinition<Args>): Tool {
  const inputSchema = toInputSchema(definition.args)
  return {
    schema: { name: definition.name, description: definition.description, inputSchema },
    readOnly: definition.readOnly ?? false,
    prepare(given) {
      const parsed = definition.args.safeParse(normalise(given, definition))
      if (!parsed.success)
        return { ok: false, problem: describeProblem(definition, inputSchema, parsed.error) }
      const args = parsed.data
      return {
        ok: true,
        title: `${definition.name} ${definition.title(args)}`.replaceAll(/\s+/g, ' ').trim(),
        asked: definition.asked?.(args),
        run: (context) => definition.run(args, context),
      }
    },
  }
}

/**
 * The JSON Schema, reduced to what both providers accept in strict mode. They refuse bounds (`maximum`, `maxItems` …),
 * so descriptions name the bounds and `prepare` enforces them.
 */
function toInputSchema(args: z.ZodType): JsonObjectSchema {
  const schema = z.toJSONSchema(args, { io: 'input' })
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, property]) => [name, keepPortable(property)]),
    ),
    required: schema.required ?? [],
    additionalProperties: false,
  }
}

const PORTABLE = new Set(['type', 'description', 'enum', 'required', 'additionalProperties'])

function keepPortable(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => {
      if (PORTABLE.has(key)) return [[key, value]]
      if (key === 'items') return [[key, keepPortable(value)]]
      if (key !== 'properties') return []
      const properties = Object.entries(value).map(([name, property]) => [name, keepPortable(property)])
      return [[key, Object.fromEntries(properties)]]
    }),
  )
}

function normalise(
  given: unknown,
  { aliases = {}, single }: Pick<ToolDefinition<unknown>, 'aliases' | 'single'>,
): unknown {
  const args = withoutNulls(given)
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args
  const named = Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      const name = aliases[key]
      return [name === undefined || name in args ? key : name, value]
    }),
  )
  if (!single || single.into in named || !single.from.some((key) => key in named)) return named
  const inside = Object.entries(named).filter(([key]) => single.from.includes(key))
  const outside = Object.entries(named).filter(([key]) => !single.from.includes(key))
  return { ...Object.fromEntries(outside), [single.into]: [Object.fromEntries(inside)] }
}

/** Drops nulls: in strict mode OpenAI sends `null` for an optional argument that the model left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNulls(item)]])),
  )
}

function describeProblem(
  definition: { readonly name: string },
  schema: JsonObjectSchema,
  error: z.ZodError,
): string {
  const problems = error.issues.slice(0, 5).map((issue) => {
    const where = issue.path.join('.')
    return where === '' ? issue.message : `${where}: ${issue.message}`
  })
  const takes = Object.keys(schema.properties).map((name) =>
    schema.required.includes(name) ? name : `${name} (optional)`,
  )
  return [
    `Nothing was done: the arguments of ${definition.name} are not valid.`,
    ...problems.map((problem) => `- ${problem}`),
    `${definition.name} takes: ${takes.join(', ')}. Call it again with corrected arguments.`,
  ].join('\n')
}

/** The result of a failed call. @param text says what went wrong and what the model should do next. */
export function toolError(text: string): ToolResult {
  return { status: 'error', text, detail: { kind: 'other', text } }
}
