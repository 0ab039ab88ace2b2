import type { TestMarks } from '../../test-marks.ts'

/** Matches assertions that are true whatever the program does. */
const ALWAYS_TRUE =
  /\b(?:expect|assertThat)\(\s*(?:true|1|!0|'[^']{0,40}'|"[^"]{0,40}")\s*\)\s*\.(?:to|is)|^\s*assert\s*\(?\s*(?:True|1|not False|1\s*==\s*1|True\s*(?:==|is)\s*True)\s*\)?\s*(?:[,;#]|$)|\b(?:assertTrue|Assert\.(?:True|IsTrue)|assert|assert\.ok|XCTAssertTrue|self\.assertTrue|require\.True|assert\.True|EXPECT_TRUE|ASSERT_TRUE|assert!|refute)\s*\(\s*(?:t,\s*)?(?:true|True|1|!false|!0)\s*[,)]|\b(?:assert_eq!|assertEquals?|assert_equal|Assert\.(?:Equal|AreEqual)|EXPECT_EQ|ASSERT_EQ|assertSame|assert\.equal|strictEqual)\s*\(\s*(true|false|null|None|\d{1,6}|"[^"]{0,40}"|'[^']{0,40}')\s*,\s*\1\s*[,)]/i
/** Matches calls that allow a test without assertions, or that compare with anything. */
const SAYS_SO =
  /\bexpect\(.{0,40}\bquery(?:All)?By\w{1,30}\(.{0,300}\)\s*\)\s*\.(?:toBeDefined|not\.toBeUndefined)\(|\b(?:expect|assert\w*)\?\.\(|\b(?:EXPECT|ASSERT)_(?:ANY_)?THROW\([^;]{0,200};\s*throw\b|\bDebug\.Assert\(|^\s*assert\.ObjectsAreEqual\w*\(|\bexpectNotToPerformAssertions\(|(?:\|\||\bor)\s*(?:len\([\w.()]{1,60}\)|[\w.)]{1,60}\.(?:length|size|Len|Length|Count|count)(?:\(\))?)\s*(?:>=\s*0|>\s*-1)\b|\bconsole\.assert\(|\?\s*(\w{1,40})\s*:\s*\1\b|^\s*_\s*:?=\s*(?:assert|require|cmp)\b|\b[dD]oesNotPerformAssertions\b|\bmatches!\([^,]{1,200},\s*_\s*\)|^\s*assert\s*\(.{1,300},\s*f?["'][^"']{0,200}["']\s*,?\s*\)\s*$|\.(?:expect|toSatisfy|satisfies|should|Satisfies|matches)\(\s*\(?\w{0,20}\)?\s*=>\s*(?:\{\s*\}|true|undefined|void 0)\s*\)|^\s*assert!?\s*\(?\s*_\s*(?:=|\)|,)|^\s*assert_received?\s*\(?\s*_\s*[,)]?|\.until\w{0,10}\(\s*\(\)\s*->\s*(?:true|\{\s*\})\s*\)|^\s*(?:expect|assertThat)\((?:[^(),]|\((?:[^()]|\([^()]{0,100}\)){0,100}\)){0,200}\)(?:\s*\.(?:as|describedAs|withFailMessage|overridingErrorMessage|not|resolves|rejects)(?:\([^()]{0,200}\))?){0,3};\s*$|^\s*expect\((?:[^(),]|\((?:[^()]|\([^()]{0,100}\)){0,100}\)){0,200}\)(?:\s*(?:[=!]==?|=~|[<>]=?)\s|(?:\.not)?\.to[A-Z]\w{1,40}\s*;?\s*$)/
/** Matches an assertion that decides by itself what it expects. */
const MADE_TRUE =
  /\bassert\.(?:throws|rejects)\(.{1,300},\s*\(?\w{0,20}\)?\s*=>\s*true\s*\)|\[\s*:0\s*\]\s*==|^\s*\[\[?\s+(?:"?\$status"?\s+-ge\s+0\b|-n\s+"?\$status\b)|^\s*(?:await\s+)?fc\.check\(|\bexpect\(\s*\(.{1,200},\s*([\w.'"]{1,40})\s*\)\s*\)\.\w{1,40}\(\s*\1\s*\)|^\s*assert\b.{1,300}\bif\b.{1,200}\belse\s+(?:True|1)\s*$|\b(?:environ\.get|getenv|ENV\.fetch)\([^,()]{1,60},\s*[\w.]{1,60}\(|\bprocess\.env\.\w{1,60}\s*(?:\?\?|\|\|)\s*[\w.]{1,60}\(/
/** Matches assertions of any kind, including helper functions of the project. */
const ASSERTS =
  /\b(?:assert|expect|verify|check|should|must|require|match|raise|throw|ensure|validate|fail)\w*\b/i
const COMMENT = /^\s*(?:\/\/|\/\*|\*|--|#(?!\[|expect\(|require\())/

/** True for an assertion that passes whatever the program does. */
export function isAlwaysTrue(line: string): boolean {
  return (
    ALWAYS_TRUE.test(line) ||
    SAYS_SO.test(line) ||
    (/\b(?:assert|expect|check)|^\s*\[/.test(line) && MADE_TRUE.test(line))
  )
}

/** True for a line that asserts something about the program. */
export function asserts(line: string, { assertion }: Pick<TestMarks, 'assertion'>): boolean {
  return (ASSERTS.test(line) || assertion.test(line)) && !COMMENT.test(line) && !isAlwaysTrue(line)
}
