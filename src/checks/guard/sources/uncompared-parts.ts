import { inlineCode } from '../../../text/markdown/fenced.ts'
import type { GuardFinding, ReadFile } from '../change/guarded-change.ts'

/** Matches what leaves a member out of the comparison of values, or compares identities in their place. */
const UNCOMPARED =
  /\b(?:field|attr\.ib|attrib|Field)\(.{0,200}\b(?:compare|eq)\s*=\s*False\b|@(?:dataclass|define|frozen|attrs?(?:\.\w{1,10})?)\(.{0,100}\beq\s*=\s*False\b|@EqualsAndHashCode\.Exclude\b|@EqualsAndHashCode\(.{0,60}\bexclude\s*=|\b(?:derivative|educe)\(.{0,60}\b(?:PartialEq|Eq)\b.{0,20}(?:=\s*"ignore"|\(ignore\))|\[(?:IgnoreEquality|IgnoreDataMember|CompareIgnore)\b/
const MOST_SHOWN = 2

/** Notes existing sources that leave a part of a value out of its comparison: tests that compare such values ask for less. */
export function uncomparedParts({ file, role, isTest, added, removed }: ReadFile): readonly GuardFinding[] {
  if (role !== 'source' || isTest || file.status === 'added' || file.status === 'deleted') return []
  const known = new Set(removed.map((line) => line.trim()))
  const found = added.filter((line) => UNCOMPARED.test(line) && !known.has(line.trim()))
  if (found.length === 0 || removed.filter((line) => UNCOMPARED.test(line)).length >= found.length) return []
  const shown = found.slice(0, MOST_SHOWN).map((line) => inlineCode(line.trim(), 80))
  const text = `\`${file.path}\` leaves a part of a value out of its comparison: ${shown.join(', ')}`
  return [{ text, weight: 'note' }]
}
