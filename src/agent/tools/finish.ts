import { z } from 'zod'
import { boundText } from './bounded-output.ts'
import { defineTool, type FinishClaim } from './tool.ts'

interface FinishArgs extends Omit<FinishClaim, 'testsRun'> {
  readonly tests_run?: readonly string[] | undefined
}

const ARGS: z.ZodType<FinishArgs> = z
  .strictObject({
    outcome: z.enum(['done', 'partial', 'blocked', 'no_change']),
    title: z.string().describe('Imperative, at most 72 characters: the title of the pull request'),
    summary: z
      .string()
      .min(1)
      .describe('Markdown, at most 2,000 characters: what changed and why, or the answer'),
    tests_run: z
      .array(z.string())
      .optional()
      .describe('Commands that you ran; the host checks them against its log'),
    notes: z.string().optional().describe('What a reviewer must know: open points, doubts'),
    question: z.string().optional().describe('With "blocked": the question'),
  })
  .refine(({ outcome, question }) => outcome !== 'blocked' || (question ?? '').trim() !== '', {
    message: '"blocked" needs the question that a person must answer',
    path: ['question'],
  })

export const finish = defineTool<FinishArgs>({
  name: 'finish',
  description:
    'Ends the run. "done": the change is in the workspace. "no_change": nothing had to change; the summary is ' +
    'the answer. "blocked": only a person can decide; ask one question. "partial": the rest is out of reach; say in notes what is missing.',
  args: ARGS,
  title: ({ outcome, title }) => `${outcome}: ${title}`,
  async run(args, { onFinish }) {
    const { outcome, title } = args
    const { verdict, text } = await onFinish(toClaim(args))
    return {
      status: verdict === 'sent_back' ? 'error' : 'ok',
      text,
      detail: {
        kind: 'other',
        text: verdict === 'accepted' ? `${outcome}: ${title}` : text,
      },
    }
  },
})

/** Reads a claim that did not come as a call of `finish`; undefined when the value is no valid claim. */
export function readClaim(given: unknown): FinishClaim | undefined {
  const { success, data } = ARGS.safeParse(given)
  return success ? toClaim(data) : undefined
}

function toClaim({ outcome, title, summary, tests_run, notes, question }: FinishArgs): FinishClaim {
  return {
    outcome,
    title,
    summary: boundText(summary, 8000),
    testsRun: tests_run,
    notes: notes?.trim() && boundText(notes.trim(), 4000),
    question: question && boundText(question, 2000),
  }
}
