import type { GuardFinding, ReadFile } from './guarded-change.ts'

/** Goes through cases. */
const LOOP = /\bfor\b|\.each\b|\bparametri[sz]e\b|\bforEach\b|\brange\b|\beach(?:_with_index)?\s+do\b/
/** Leaves some of them out. */
const SOME =
  /\.(?:slice|filter|take|first|skip|limit|head|splice|Take|Where|Skip|reject|drop|select|First)\((?:[^()]|\([^()]{0,100}\)){0,200}\)|\[\s*-?\d{0,6}\s*:\s*-?\d{0,6}\s*\]|\[\s*-?\d{0,6}\.{2,3}-?\d{0,6}\s*\]/g
const NONE =
  /\[\]\.(?:forEach|map)\(|\b(?:of|in)\s+(?:\[\]|\(\)|\{\})\s*[:){]|\bin\s+range\(0\)|\brange\s+\[\]\w{1,60}\{\}/

/** Tests of before that go through fewer of their cases. */
export function narrowedCases({ file, isTest, marks, added, removed }: ReadFile): readonly GuardFinding[] {
  if (!isTest || !marks || file.status === 'added' || file.status === 'deleted') return []
  const before = new Set(removed.filter((line) => LOOP.test(line)).map(squeezed))
  const narrows = added.some((line) => {
    if (!LOOP.test(line) || marks.assertion.test(line) || before.has(squeezed(line))) return false
    if (NONE.test(line)) return before.size > 0
    const whole = line.replace(SOME, '')
    return whole !== line && before.has(squeezed(whole))
  })
  return narrows ? [{ text: `\`${file.path}\` tries fewer cases than before`, weight: 'reason' }] : []
}

function squeezed(line: string): string {
  return line.replace(/\s+/g, '')
}
