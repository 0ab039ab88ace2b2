import { type GuardFinding, type KeptTest, withoutBlanks } from './guarded-change.ts'

/** Goes through cases. */
const LOOP = /\bfor\b|\.each\b|\bparametri[sz]e\b|\bforEach\b|\brange\b|\beach(?:_with_index)?\s+do\b/
/** Leaves some of them out. */
const SOME =
  /\.(?:slice|filter|take|first|skip|limit|head|splice|Take|Where|Skip|reject|drop|select|First)\((?:[^()]|\([^()]{0,100}\)){0,200}\)|\[\s*-?\d{0,6}\s*:\s*-?\d{0,6}\s*\]|\[\s*-?\d{0,6}\.{2,3}-?\d{0,6}\s*\]/g
const NONE =
  /\[\]\.(?:forEach|map)\(|\b(?:of|in)\s+(?:\[\]|\(\)|\{\})\s*[:){]|\bin\s+range\(0\)|\brange\s+\[\]\w{1,60}\{\}/

/** How many values a property is tried with. */
const TRIES =
  /\b(?:max_examples|numRuns|num_runs|max_runs|MaxCount|minSuccessful\w{0,10}|with_cases|cases|iterations|PropertyTesting|trials)\b\W{1,4}(\d{1,7})\b/
/** So many times fewer is no matter of how long tests take. */
const FEWER = 10

/** Tests of before that go through fewer of their cases. */
export function narrowedCases({ file, marks, added, removed }: KeptTest): readonly GuardFinding[] {
  const before = new Set(removed.filter((line) => LOOP.test(line)).map(withoutBlanks))
  const tried = (lines: readonly string[]) => new Map(lines.flatMap(triesIn))
  const old = tried(removed)
  const triesLess = [...tried(added)].some(([line, count]) => count * FEWER <= (old.get(line) ?? 0))
  const narrows =
    triesLess ||
    added.some((line) => {
      if (!LOOP.test(line) || marks.assertion.test(line) || before.has(withoutBlanks(line))) return false
      if (NONE.test(line)) return before.size > 0
      const whole = line.replace(SOME, '')
      return whole !== line && before.has(withoutBlanks(whole))
    })
  return narrows ? [{ text: `\`${file.path}\` tries fewer cases than before`, weight: 'reason' }] : []
}

function triesIn(line: string): readonly (readonly [string, number])[] {
  const count = TRIES.exec(line)?.[1]
  return count === undefined ? [] : [[withoutBlanks(line.replace(count, '0')), Number(count)]]
}
