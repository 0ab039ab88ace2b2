import { squeezedCode } from '../../read-assertion.ts'
import { statementsIn } from '../../weakened-assertions.ts'
import { type GuardFinding, type ReadChange, type ReadFile, touchesCode } from '../change/guarded-change.ts'

const LITERAL =
  /"(?:[^"\\]|\\.){0,500}"|'(?:[^'\\]|\\.){0,500}'|`[^`]{0,500}`|\b\d[\w.]*|\b(?:true|false|null|None|nil|True|False|undefined)\b/g
const SNAPSHOT =
  /(?:^|\/)(?:__snapshots__|snapshots|testdata|golden|__image_snapshots__)\/|\.snap(?:shot)?$|\.(?:golden|approved)(?:\.\w+)?$|\.ambr$/

/**
 * Reports expectations that a change rewrites. Beside a change of the code that may be what was asked for;
 * alone, it makes failing tests pass.
 */
export function rewrittenExpectations(change: ReadChange): readonly GuardFinding[] {
  const { files } = change
  const hasCause = touchesCode(change)
  const touchesTests = files.some(({ isTest, marks }) => isTest && marks !== undefined)
  return [
    ...files.flatMap((read) => [...rewritten(read, hasCause), ...snapshots(read, hasCause || touchesTests)]),
    ...(hasCause ? withTheCode(files) : []),
  ]
}

/**
 * A note about expected results that change with the code, because only a reviewer can tell a wrong value
 * from a new one.
 */
function withTheCode(files: readonly ReadFile[]): readonly GuardFinding[] {
  const held = files.filter(({ file }) => file.status === 'modified' && SNAPSHOT.test(file.path))
  const [first] = held
  if (first === undefined) return []
  const more = held.length === 1 ? 'holds' : `and ${held.length - 1} more hold`
  const text = `\`${first.file.path}\` ${more} what tests expect, and ${held.length === 1 ? 'changes' : 'change'} with the code`
  return [{ text, weight: 'note', isForReviewers: true }]
}

function rewritten(
  { file, isTest, marks, removed, added }: ReadFile,
  hasCause: boolean,
): readonly GuardFinding[] {
  if (!isTest || marks === undefined || file.status === 'deleted') return []
  const now = new Map<string, number>()
  const asserted = (lines: readonly string[]) =>
    statementsIn(lines, marks.assertion).filter((one) => marks.assertion.test(one))
  for (const one of asserted(added)) now.set(squeezedCode(one), (now.get(squeezedCode(one)) ?? 0) + 1)
  // An assertion that only moved is not rewritten.
  const old = asserted(removed).filter((one) => {
    const left = now.get(squeezedCode(one)) ?? 0
    now.set(squeezedCode(one), left - 1)
    return left <= 0
  })
  const skeletons = new Map<string, number>()
  for (const one of asserted(added)) {
    const left = now.get(squeezedCode(one)) ?? 0
    now.set(squeezedCode(one), left - 1)
    if (left > 0) skeletons.set(skeletonOf(one), (skeletons.get(skeletonOf(one)) ?? 0) + 1)
  }
  const count = old.filter((one) => {
    const left = skeletons.get(skeletonOf(one)) ?? 0
    skeletons.set(skeletonOf(one), left - 1)
    return left > 0
  }).length
  if (count === 0) return []
  const what = `changes the values that ${count === 1 ? '1 assertion expects' : `${count} assertions expect`}`
  return hasCause
    ? [{ text: `\`${file.path}\` ${what}`, weight: 'note', isForReviewers: true }]
    : [
        {
          text: `\`${file.path}\` ${what}, and no source is changed`,
          weight: 'reason',
          settledBy: 'tests_alone',
        },
      ]
}

function skeletonOf(statement: string): string {
  return statement.replace(LITERAL, '0').replace(/\s+/g, '')
}

function snapshots({ file }: ReadFile, hasCause: boolean): readonly GuardFinding[] {
  if (hasCause || file.status === 'added' || !SNAPSHOT.test(file.path)) return []
  const text = `\`${file.path}\` holds what tests expect, and neither sources nor tests are changed`
  return [{ text, weight: 'reason', settledBy: 'tests_alone' }]
}
