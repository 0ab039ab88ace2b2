import type { TestMarks } from '../../test-marks.ts'
import { linesNow } from '../change/around-line.ts'
import type { GuardedLine, GuardFinding, ReadFile } from '../change/guarded-change.ts'

const MOCKED_MODULE =
  /\b(?:vi|jest)\.(?:mock|doMock|unstable_mockModule)\(\s*['"]((?:\.|@\/|~\/|#|src\/)[^'"]{1,200})['"]/
/** Java: captures a class all of whose functions are replaced. */
const MOCKED_CLASS = /\bmockStatic\(\s*(\w{1,100})\.class\b/
const PATCHED = /\bpatch\(\s*f?['"](?:[\w.]{0,200}\.)?(\w{1,100})\.(\w{1,100})['"]/
/** Capture the owner and the name of a function that a test replaces. */
const REPLACES: readonly RegExp[] = [
  /\b(?:vi|jest|sinon|mock)\.(?:spyOn|stub|method|replace)\(\s*([\w$.]{1,100})\s*,\s*['"](\w{1,100})['"]/,
  /\b(?:monkeypatch\.setattr|(?:mock\.|mocker\.)?patch\.object)\(\s*([\w.]{1,100})\s*,\s*['"](\w{1,100})['"]/,
  /\b(?:monkeypatch\.setattr|(?:mock\.|mocker\.)?patch)\(\s*['"]([\w.]{1,200})\.(\w{1,100})['"]/,
  /\bObject\.assign\(\s*(\w{1,100})\s*,\s*\{\s*(\w{1,100})\b/,
  /\b(?:when|given)\(\s*(\w{1,100})\.(\w{1,100})\(/,
  /\b(?:every|coEvery)\s*\{\s*(\w{1,100})\.(\w{1,100})\(/,
  /\b(?:allow|expect)_any_instance_of\(\s*([\w:.]{1,100})\s*\)\.to\s+receive\(\s*:(\w{1,100})/,
  /\ballow\(\s*([\w:.]{1,100})\s*\)\.to\s+receive\(\s*:(\w{1,100})/,
  /^\s*([\w$.]{1,100})\.(\w{1,100})\s*=\s*(?:lambda\b|MagicMock\(|Mock\(|(?:jest|vi)\.fn\(|\([^)]{0,80}\)\s*=>|async\s*\()/,
]

/** Reports tests that replace the very function that they assert about. */
export function mockedSubject({
  file,
  isTest,
  marks,
  added,
  removed,
  hunks,
}: ReadFile): readonly GuardFinding[] {
  if (!isTest || marks === undefined || file.status === 'deleted') return []
  const own = subjectOf(file.path)
  const known = new Set(removed.map((line) => line.trim()))
  const isMocked = added.some((line) => {
    if (known.has(line.trim())) return false
    const module = MOCKED_MODULE.exec(line)?.[1]
    if (module !== undefined) return subjectOf(module) === own
    if (MOCKED_CLASS.exec(line)?.[1] === own) return true
    const [, parent, name] = PATCHED.exec(line) ?? []
    return parent === own && name === own
  })
  const isAsserted = hunks.some((lines) => assertsReplaced(lines, { known, marks, own }))
  if (!isMocked && !isAsserted) return []
  return [{ text: `\`${file.path}\` replaces what it is to test`, weight: 'reason' }]
}

const IN_FRONT = /^\s*@(?!Test\b)\w|\b(?:beforeEach|beforeAll)\(|\bdef\s+setUp\b/
/** The most lines between a replacement and an assertion. */
const REACH = 25

function assertsReplaced(
  lines: readonly GuardedLine[],
  {
    known,
    marks,
    own,
  }: { readonly known: ReadonlySet<string>; readonly marks: TestMarks; readonly own: string },
): boolean {
  const now = linesNow(lines)
  return now.some(({ sign, text }, at) => {
    if (sign !== '+' || known.has(text.trim())) return false
    const found = REPLACES.map((pattern) => pattern.exec(text)).find((match) => match !== null)
    if (!found) return false
    const [whole, owner = '', name = ''] = found
    const last = owner.split('.').at(-1) ?? ''
    // These patterns also match stand-ins, which are fine unless the file is named after them.
    if (/^(?:when|given|allow|every|coEvery)/.test(whole) && last.toLowerCase() !== own.toLowerCase())
      return false
    const called = new RegExp(
      `(?:^|[^\\w.])(?:[\\w.]{0,80}\\b${RegExp.escape(last)}\\.)?${RegExp.escape(name)}\\(`,
    )
    const anywhere = new RegExp(`\\.${RegExp.escape(name)}\\(`)
    const isCalled = /_any_instance_of/.test(whole) ? anywhere : called
    const below = now.slice(at + 1, at + 1 + REACH)
    const end = below.findIndex((one) => marks.test.test(one.text))
    // A decorator is above its test, and a hook applies to all tests.
    const isForAll = now.slice(Math.max(0, at - 2), at + 1).some((one) => IN_FRONT.test(one.text))
    const scope = isForAll ? below : below.slice(0, end === -1 ? undefined : end)
    return scope.some((one) => marks.assertion.test(one.text) && isCalled.test(insideOf(one.text)))
  })
}

/** The arguments of an assertion, without the call that asserts. */
function insideOf(line: string): string {
  return line.replace(/^\s*(?:await\s+)?(?:self\.)?(?:expect|assert)\w*!?[\s(.]/, ' ')
}

/**
 * The subject of a test file or module by its name: `src/__tests__/greet.test.ts`, `test_greet.py` and
 * `../greet.js` are all about `greet`.
 */
export function subjectOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (name.split('.')[0] ?? '').replace(/^test_|_test$|_spec$|(?:Test|Spec)s?$/g, '')
}
