import { z } from 'zod'
import type { BoxReply } from '../box/protocol.ts'

const id = z.int().positive()
const BOX_REPLY = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('output'), id, stream: z.enum(['stdout', 'stderr']) }),
  z.object({
    type: z.literal('exit'),
    id,
    exitCode: z.int().min(0).max(255),
    outcome: z.enum(['exited', 'timeout', 'aborted']),
    stdoutBytes: z.int().nonnegative(),
  }),
  z.object({ type: z.literal('file'), id }),
  z.object({
    type: z.literal('inspected'),
    id,
    root: z.string(),
    path: z.string(),
    kind: z.enum(['file', 'directory', 'missing', 'other']),
    size: z.int().nonnegative(),
    executable: z.boolean(),
    read: z.boolean(),
  }),
  z.object({ type: z.literal('written'), id }),
  z.object({
    type: z.literal('failed'),
    id,
    reason: z.enum(['path_not_found', 'no_space']),
    text: z.string().max(10_000),
  }),
])

/** Checks a header that came out of a box. @throws {Error} when it is none that the agent would send. */
export function parseBoxReply(header: unknown): BoxReply {
  return BOX_REPLY.parse(header)
}
