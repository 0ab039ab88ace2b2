import { z } from 'zod'

const usage = z.strictObject({
  input: z.number().int().min(0).default(0),
  cacheRead: z.number().int().min(0).default(0),
  cacheWrite: z.number().int().min(0).default(0),
  output: z.number().int().min(0).default(0),
})

/** The turns of a scripted model: a JSON array, at least one turn. */
export const scriptedTurns = z
  .array(
    z.strictObject({
      /** What the model says. */
      text: z.string().optional(),
      /** Tools it calls. A turn without calls is a plain end. */
      calls: z.array(z.strictObject({ name: z.string().min(1), args: z.unknown() })).default([]),
      /** Tokens to report; counted from the texts when left out. */
      usage: usage.optional(),
      /** Milliseconds to think before the first word. */
      delayMs: z.number().min(0).max(600_000).default(0),
    }),
  )
  .min(1)

/** One turn as written, before defaults. */
export type ScriptedTurn = z.input<typeof scriptedTurns>[number]
