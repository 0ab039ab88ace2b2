import type { GuardFinding, ReadFile } from '../change/guarded-change.ts'

/** Matches code and settings that overwrite the expected result with the actual one. */
const ACCEPTS =
  /\bAutoVerify\(|\bAutoApprover?\b|\bflag\.Bool(?:Var)?\([^)]{0,80}"(?:update|golden|write|record)\w{0,20}",\s*true\b|^\s*(?:force_update(?:_snapshots)?|accept_unseen)\s*:\s*true\b|\bINSTA_(?:UPDATE\b\W{1,4}(?:always|1)|FORCE_UPDATE\w{0,12}\W{1,4}1)|\bUPDATE_(?:SNAPSHOTS?|GOLDENS?|EXPECT|BASELINES?)\b['"]?\s*(?:\]\s*)?[=:,]\s*['"]?(?:1|true|always)|\bupdateSnapshot\s*:\s*['"](?:all|new)['"]|(?<![\w-])--(?:update-snapshots?|snapshot-update|update-golden|overwrite-expected)\b|\b(?:update|record|overwrite|regenerate)_?(?:golden|snapshots?)\s*(?::=|=)\s*(?:true|True)\b/i
/** Matches a value that switches such overwriting off. */
const REFUSES = /\b(?:false|False|no|0)\b/
const OF_TESTS = /(?:^|\/)(?:\.config\/insta\.ya?ml|insta\.ya?ml)$/
/** Matches scripts that a person starts to update the expected results. */
const RENEWS = /\bupdate\w*['"]?\s*:|^[\w.-]*(?:update|snap|golden)[\w.-]*:/i

/**
 * Reports existing tests, and their settings, that a change makes accept every result as the expected one.
 */
export function acceptedResults({ file, isTest, added, removed }: ReadFile): readonly GuardFinding[] {
  if (file.status === 'added' || file.status === 'deleted') return []
  if (!isTest && !OF_TESTS.test(file.path)) return []
  const kept = new Set(removed.map((line) => line.trim()))
  const isNew = added.some((line) => ACCEPTS.test(line) && !RENEWS.test(line) && !kept.has(line.trim()))
  // The setting was there before, written in another way.
  const wasSo = removed.some((old) => ACCEPTS.test(old) && !REFUSES.test(old))
  return isNew && !wasSo ? [{ text: `\`${file.path}\` writes what it should compare`, weight: 'reason' }] : []
}
