import { z } from 'zod'
import { verdictOf } from '../../runs/summary/verdict.ts'
import type { Verification } from '../../runs/verification.ts'
import { verificationBody } from '../../runs/verification-body.ts'

const TONE = z.enum(['good', 'neutral', 'bad'])

/** A verdict in one line. */
export const VERDICT = z.object({ tone: TONE, line: z.string().describe('One line for people.') })

/** What the frame of a verification carries besides `message`, which is the verdict in one line. */
export const VERIFICATION = {
  tone: TONE,
  draft: z.array(z.string()).describe('Why the pull request is a draft; empty if it need not be.'),
  remarks: z.array(z.string()).describe('What else reviewers should know.'),
  verification: verificationBody.describe('The facts.'),
}

export function wireVerification(verification: Verification) {
  const { tone, draft, remarks } = verdictOf(verification)
  return { tone, draft, remarks, verification }
}
