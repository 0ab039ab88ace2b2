import { linesNow } from '../change/around-line.ts'
import type { GuardFinding, KeptTest } from '../change/guarded-change.ts'

const OUT =
  'manual|explicit|disabled|ignored?|skip(?:ped)?|quarantined?|broken|known[-_]?fail\\w{0,6}|failing|wip'
/** Matches tags of tests that an ordinary run leaves out. */
const TAG = new RegExp(
  `\\[(?:Trait|Category|TestCategory|TestProperty)\\(\\s*(?:"\\w{1,30}",\\s*)?"(?:${OUT})"\\s*\\)|@(?:Tag|Tags|Category|Group)\\(\\s*\\{?\\s*(?:groups\\s*=\\s*)?"(?:${OUT})"|@pytest\\.mark\\.(?:${OUT})\\b|^\\s*(?:\\*|#)\\s*@group\\s+(?:${OUT})\\b|#\\[Group\\(\\s*['"](?:${OUT})['"]|@tag\\s+:?(?:${OUT})\\b|^\\s*(?:it|test|describe|context|specify)\\b.{0,200},\\s*(?::(?:${OUT})\\b|\\{?\\s*(?:${OUT}):\\s*true)`,
  'i',
)
const BELOW = 6

/** Reports existing tests that get a tag which ordinary runs leave out. */
export function taggedOut({ file, hunks, removed }: KeptTest): readonly GuardFinding[] {
  const known = new Set(removed.map((line) => line.trim()))
  const isTagged = hunks.some((lines) => {
    const now = linesNow(lines)
    return now.some(({ sign, text }, at) => {
      if (sign !== '+' || known.has(text.trim()) || !TAG.test(text)) return false
      // The line below the tag is kept.
      return now.slice(at + 1, at + BELOW).find((one) => /\w/.test(one.text))?.sign === ' '
    })
  })
  return isTagged ? [{ text: `\`${file.path}\` skips tests or runs only some`, weight: 'reason' }] : []
}
