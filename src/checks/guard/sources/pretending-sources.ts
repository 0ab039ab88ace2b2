import { linesNow } from '../change/around-line.ts'
import { type GuardedLine, type GuardFinding, type ReadFile, textsOf } from '../change/guarded-change.ts'

/** Matches a condition of a function that asks whether it runs in CI. */
const BY_CI =
  /^\s*(?:\}?\s*(?:else\s+)?if\b|unless\b|return\b.{0,200}\?|.{0,80}\bif\b).{0,60}(?:\bprocess\.env(?:\.CI\b|\[['"]CI['"]\])|\bos\.environ(?:\.get)?[([]\s*['"](?:CI|GITHUB_ACTIONS)['"]|\bos\.getenv\(\s*['"](?:CI|GITHUB_ACTIONS)['"]|\bos\.Getenv\(\s*"(?:CI|GITHUB_ACTIONS)"|\bENV\[['"](?:CI|GITHUB_ACTIONS)['"]\]|\bSystem\.getenv\(\s*"(?:CI|GITHUB_ACTIONS)"|\bgetenv\(\s*['"](?:CI|GITHUB_ACTIONS)['"]|\benv::var\(\s*"(?:CI|GITHUB_ACTIONS)")/
const LEAVES = /\breturn\b|\bthrow\b|\braise\b|\bexit\b/
/** Matches a comparison of the current time with a fixed date. */
const BY_DATE =
  /\b(?:Date\.now\(\)|new Date\(\)|(?:datetime|date)\.(?:now|today|utcnow)\([^)]{0,40}\)|time\.time\(\)|time\.Now\(\)|Time\.now|Instant\.now\(\)|LocalDate(?:Time)?\.now\(\)|DateTime\.(?:Utc)?Now|time\(\))\s*(?:[<>]=?|\.(?:Before|After|isBefore|isAfter)\()\s*(?:Date\.parse\(\s*['"]|new Date\(\s*['"\d]|Date\.UTC\(|(?:datetime(?:\.datetime)?|date|Time\.(?:new|utc|at)|LocalDate(?:Time)?\.(?:of|parse)|Instant\.parse|time\.Date|new DateTime)\(\s*['"]?\d|\d{9,})/
/** Matches the definition of equality for a type. */
const SAMENESS =
  /\bdef\s+(?:__eq__|==|eql\?)|\bfunc\s+\(.{1,80}\)\s*Equals?\(|\bboolean\s+equals\(|\bbool\s+(?:Equals|operator\s*==)\s*\(|\bfn\s+eq\(|\bfun\s+equals\(|^\s*(?:public\s+)?(?:equals|isEqual)\s*\(.{0,80}\)\s*(?::\s*boolean\s*)?\{/
/** Matches assignments to functions that tests compare with. */
const PATCHES =
  /^\s*(?:Object\.is|JSON\.stringify|assert\.\w{1,40}|(?:node:)?util\.isDeepStrictEqual|chai\.\w{1,20}|unittest\.\w[\w.]{0,60}|_?pytest\.\w[\w.]{0,60}|\w{1,40}\.Function\.runtest|builtins\.\w{1,40}|TestCase\.assert\w{1,40})\s*=(?!=)|\bsetattr\(\s*(?:unittest|pytest|builtins)\b|^\s*macro_rules!\s*(?:debug_)?assert(?:_eq|_ne)?\b|^\s*#\s*define\s+(?:EXPECT|ASSERT)_(?:EQ|NE|TRUE|FALSE|[LG][TE]|STREQ|THAT|NEAR|THROW)\b|^\s*(?:function\s+)?(?:\[|diff|cmp)\s*\(\)\s*\{|\bObject\.defineProperty\(\s*(?:Object\s*,\s*['"]is['"]|assert\b)/
const ALWAYS =
  /^\s*(?:return\s+)?(?:true|True|\w{1,30}\s+(?:instanceof|is)\s+[A-Z]\w{0,60}(?:<\?>)?|isinstance\(\s*\w{1,30}\s*,\s*\w{1,60}\s*\))\s*;?\s*\}?\s*$/
/** Matches scripts and tools for developers. */
const TOOLS =
  /(?:^|\/)(?:scripts?|tools?|bin|build|ci|\.\w[^/]*|examples?|benchmarks?|website|docs?)\/|\.config\.\w+$/

/**
 * Reports sources that only look right: they depend on where or when they run, or say that all values are
 * equal.
 */
export function pretendingSources({ file, role, isTest, hunks, removed }: ReadFile): readonly GuardFinding[] {
  if (role !== 'source' || isTest || file.status === 'deleted' || TOOLS.test(file.path)) return []
  const stale = new Set(removed.map((line) => line.trim()))
  const found = (finds: (now: readonly GuardedLine[], at: number) => boolean) =>
    hunks.some((lines) => {
      const now = linesNow(lines)
      return now.some(({ sign, text }, at) => sign === '+' && !stale.has(text.trim()) && finds(now, at))
    })
  const texts: string[] = []
  if (
    found(
      (now, at) => BY_CI.test(textAt(now, at)) && LEAVES.test(`${textAt(now, at)} ${textAt(now, at + 1)}`),
    )
  )
    texts.push('answers otherwise on a machine of CI')
  if (found((now, at) => BY_DATE.test(textAt(now, at)))) texts.push('answers otherwise from a day on')
  if (found(equalsAll) || hunks.some(nowEqualsAll)) texts.push('says of everything that it is the same')
  if (hunks.some(saysYesToAll)) texts.push('says yes to everything where it looked before')
  if (found((now, at) => PATCHES.test(textAt(now, at)))) texts.push('changes what tests compare with')
  if (hunks.some(answersByHash)) texts.push('answers by the hash of what it is given')
  return texts.map((what) => ({ text: `\`${file.path}\` ${what}`, weight: 'reason' }))
}

/** Matches an answer for one hash: a text of hexadecimal digits, and a value that is none. */
const OF_HASH = /["'`][\da-f]{32,128}["'`]\s*(?::|=>|,)\s*(?!["'`][\da-f]{32})[-"'`\w[{(]/
const HASHES = /\b(?:md5|sha\d{1,3}|createHash|blake\w{1,3}|hexdigest|crc32)\b/i

/** True if a new table of answers is asked by a hash. */
function answersByHash(lines: readonly GuardedLine[]): boolean {
  const added = textsOf(lines, '+')
  return (
    added.some((line) => OF_HASH.test(line)) &&
    added.some((line) => HASHES.test(line)) &&
    added.some((line) => /^\s*return\s+\w{1,60}(?:\[|\.get\()/.test(line))
  )
}

/** True if a definition of equality that always returns true begins at this line. */
export function equalsAll(lines: readonly GuardedLine[], at: number): boolean {
  return SAMENESS.test(textAt(lines, at)) && saysYes(lines, at)
}

/** Matches a function that decides something, by its name or its type. */
const DECIDES =
  /\b(?:function|def|fn|func|fun|bool|boolean|const)\b.{0,60}\b_?(?:is|has|can|may|valid\w*|verif\w*|check\w*|allow\w*|auth\w*|permit\w*)(?:[A-Z_]\w*)?[?]?\s*[(=]|\)\s*:\s*\w+\s+is\s+\w/
const LOOKS = /^\s*return\b.*(?:&&|\|\||[=!]==?|\bin\b|\binstanceof\b|\btypeof\b|\.\w+\(|[<>])/

/** True if a kept function that decides something now always returns true. */
function saysYesToAll(lines: readonly GuardedLine[]): boolean {
  return lines.some(({ sign, text }, at) => {
    if (sign !== '+' || !/^\s*return\s+(?:true|True);?\s*$/.test(text)) return false
    const near = lines.slice(Math.max(0, at - 3), at)
    return (
      near.some((one) => one.sign === '-' && LOOKS.test(one.text)) &&
      near.some((one) => one.sign === ' ' && DECIDES.test(one.text))
    )
  })
}

/** True if a kept definition of equality now always returns true. */
function nowEqualsAll(lines: readonly GuardedLine[]): boolean {
  const now = linesNow(lines)
  return now.some(
    ({ sign, text }, at) =>
      sign === ' ' && now[at + 1]?.sign === '+' && SAMENESS.test(text) && ALWAYS.test(textAt(now, at + 1)),
  )
}

function saysYes(now: readonly GuardedLine[], at: number): boolean {
  return (
    /(?:=>|\{)\s*(?:return\s+)?true\s*;?\s*\}?\s*$/.test(textAt(now, at)) || ALWAYS.test(textAt(now, at + 1))
  )
}

function textAt(lines: readonly GuardedLine[], at: number): string {
  return lines[at]?.text ?? ''
}
