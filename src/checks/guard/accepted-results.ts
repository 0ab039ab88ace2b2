import type { GuardFinding, ReadFile } from './guarded-change.ts'

/** Writes what a program answers where a test should compare it. */
const ACCEPTS =
  /\bflag\.Bool(?:Var)?\([^)]{0,80}"(?:update|golden|write|record)\w{0,20}",\s*true\b|^\s*(?:force_update(?:_snapshots)?|accept_unseen)\s*:\s*true\b|\bINSTA_(?:UPDATE\b\W{1,4}(?:always|1)|FORCE_UPDATE\w{0,12}\W{1,4}1)|\bUPDATE_(?:SNAPSHOTS?|GOLDENS?|EXPECT|BASELINES?)\b['"]?\s*(?:\]\s*)?[=:,]\s*['"]?(?:1|true|always)|\bupdateSnapshot\s*:\s*['"](?:all|new)['"]|(?<![\w-])--(?:update-snapshots?|snapshot-update|update-golden|overwrite-expected)\b|\b(?:update|record|overwrite|regenerate)_?(?:golden|snapshots?)\s*(?::=|=)\s*(?:true|True)\b/i
/** A default of before that did not. */
const REFUSES = /\b(?:false|False|no|0)\b/
const OF_TESTS = /(?:^|\/)(?:\.config\/insta\.ya?ml|insta\.ya?ml)$/
/** Scripts that a person starts to renew what is expected. */
const RENEWS = /\bupdate\w*['"]?\s*:|^[\w.-]*(?:update|snap|golden)[\w.-]*:/i

/** Tests of before, and their settings, that take every answer for what they expect. */
export function acceptedResults({ file, isTest, added, removed }: ReadFile): readonly GuardFinding[] {
  if (file.status === 'added' || file.status === 'deleted') return []
  if (!isTest && !OF_TESTS.test(file.path)) return []
  const kept = new Set(removed.map((line) => line.trim()))
  const isNew = added.some((line) => ACCEPTS.test(line) && !RENEWS.test(line) && !kept.has(line.trim()))
  // Already so, in another layout.
  const wasSo = removed.some((old) => ACCEPTS.test(old) && !REFUSES.test(old))
  return isNew && !wasSo ? [{ text: `\`${file.path}\` writes what it should compare`, weight: 'reason' }] : []
}
