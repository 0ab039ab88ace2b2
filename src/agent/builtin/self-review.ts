import { boundText } from '../tools/bound-text.ts'

const MAX_DIFF = 30 * 1024

/**
 * What the first `finish("done")` that holds is answered with: the change as reviewers will see it. It costs one
 * more turn and catches what nobody sees while editing piece by piece.
 */
export function selfReview({ diff, report }: { readonly diff: string; readonly report: string }): string {
  return `${CHECKLIST}\n\n${report}\n\nThe whole change:\n${boundText(diff, MAX_DIFF)}`
}

/** How the answer begins. */
export const CHECKLIST = `Before it is published, read your change once as the reviewer who will have to maintain it:
1. Does it do all that was asked, in every case that shares the cause?
2. Is anything in it that the request does not need: debug output, scratch files, reformatting, comments that repeat the code?
3. What does it do with empty, missing, very large or non-ASCII input, and to those who call this code?
4. Does a test fail without it, and is no test weaker than before?
5. Are the docs, types and changelog that the repository keeps still true?
6. Do title, summary and notes say only what you saw?
Mend what is wrong. Then call finish again, and it is taken.`
