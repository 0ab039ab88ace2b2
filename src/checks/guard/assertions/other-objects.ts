import { inlineCode } from '../../../text/markdown/fenced.ts'
import { type GuardedLine, type GuardFinding, type KeptTest, squeezed } from '../change/guarded-change.ts'
import { testAbove } from '../change/test-above.ts'
import { testName } from '../missing/removed-tests.ts'
import { subjectOf } from './mocked-subject.ts'

/** Matches an object that is asked for something, a module, or a class that is created. */
const ASKED = /(?<![\w.$>:"'`])(?:[A-Za-z_$][\w$]{0,60}(?=\.\w|::\w|->\w|\?\.\w)|[A-Z]\w{0,60}(?=\(|\{))/g
/** Matches words of test frameworks. */
const OF_RUNNER =
  /^(?:expect|assert\w*|Assert\w*|ASSERT\w*|EXPECT\w*|self|this|super|t|tt|tb|b|chai|sinon|vi|jest|pytest|mock|Mock\w*|verify|XCT\w*|Is|Has|Does|Throws|cy|page|screen|fmt|np|torch)$/
/** Matches the condition of a failure in Go. */
const FAILS_IF = /^\s*if\b.{0,300}[!=]=/
const CREATES =
  /^\s*(?:(?:const|let(?:\s+mut)?|var|val|auto|final|[A-Z]\w{0,60})\s+)?\$?\w{1,60}\s*(?::[^=]{1,60})?:?=(?!=)/
/** The most lines of a hunk that are compared. */
const MOST = 400

interface Swap {
  readonly before: string
  readonly now: string
  readonly line: string
  readonly title: string | undefined
}

/**
 * Reports existing tests that ask another object for what they asked before: `wishlist.size()` in the place of `cart.size()`. It is
 * a reason if the test or its file is named after the object that the test no longer mentions, else a note. A variable that only
 * got another name does not count.
 */
export function otherObjects({ file, hunks, marks }: KeptTest): readonly GuardFinding[] {
  const isIntroduced = introducedIn({ file, hunks })
  for (const lines of hunks) {
    const swaps = swapsIn(lines, { file, marks, isIntroduced })
    const [first] = swaps
    if (first === undefined) continue
    const isPlain = swaps.some((swap) => {
      if (/^[A-Z]/.test(swap.before) || CREATES.test(swap.line)) return false
      const left = lines.some(
        ({ sign, text }) =>
          sign !== '-' &&
          wordOf(swap.before).test(text) &&
          !marks.test.test(text) &&
          !/\bimport\b|\brequire\b/.test(text),
      )
      return !left && isNamedAfter(swap, file.path)
    })
    const text = `\`${file.path}\` asks another object than before: ${inlineCode(first.line.trim(), 80)}`
    return [{ text, weight: isPlain ? 'reason' : 'note' }]
  }
  return []
}

function swapsIn(
  lines: readonly GuardedLine[],
  {
    file,
    marks,
    isIntroduced,
  }: Pick<KeptTest, 'file' | 'marks'> & { readonly isIntroduced: ReturnType<typeof introducedIn> },
): readonly Swap[] {
  const isGo = file.path.endsWith('.go')
  const wanted = ({ text }: GuardedLine) =>
    marks.assertion.test(text) || (isGo && FAILS_IF.test(text)) || CREATES.test(text)
  const of = (sign: GuardedLine['sign']) =>
    lines.flatMap((line, at) => (line.sign === sign && wanted(line) ? [{ ...line, at }] : [])).slice(0, MOST)
  const old = of('-')
  if (old.length === 0) return []
  const byShape = Map.groupBy(of('+'), ({ text }) => shapeOf(text))
  const pairs = old.flatMap(({ text, at }) => {
    const [now, ...more] = byShape.get(shapeOf(text)) ?? []
    if (now === undefined || more.length > 0 || now.text === text) return []
    const names = differing(text, now.text)
    return names === undefined ? [] : [{ ...names, line: now.text, at }]
  })
  return pairs.flatMap(({ at, ...pair }) => {
    if (isIntroduced(pair)) return []
    const above = testAbove(lines, at, marks.test)
    const head = lines[above]
    if (head !== undefined && head.sign !== ' ') return []
    const below = lines.slice(above, above + 4).map((one) => one.text)
    return [{ ...pair, title: head === undefined ? undefined : testName(below, marks) }]
  })
}

function shapeOf(text: string): string {
  return squeezed(text.replace(ASKED, '@'))
}

/** The one object that differs; undefined if several do. */
function differing(old: string, now: string): Pick<Swap, 'before' | 'now'> | undefined {
  const [was, is] = [old, now].map((text) => text.match(ASKED) ?? [])
  const pairs = new Set(was?.flatMap((name, at) => (name === is?.[at] ? [] : [`${name} ${is?.[at]}`])))
  const [before = '', after = ''] = [...pairs][0]?.split(' ') ?? []
  if (pairs.size !== 1 || OF_RUNNER.test(before) || OF_RUNNER.test(after)) return undefined
  return { before, now: after }
}

/** The most names of a file that are looked for in all its lines. */
const MOST_NAMES = 20

/**
 * Answers whether the change introduces the name of the new object, or no longer defines the old one: most tests rename a variable
 * together with its definition. A class that the test did not know is mostly the same one under another name.
 */
function introducedIn({ file, hunks }: Pick<KeptTest, 'file' | 'hunks'>) {
  const known = new Map<string, boolean>()
  let shapes: ReadonlySet<string> | undefined
  let text: string | undefined
  return ({ before, now }: Pick<Swap, 'before' | 'now'>): boolean => {
    const key = `${before} ${now}`
    const answer = known.get(key)
    if (answer !== undefined || known.size === MOST_NAMES) return answer ?? true
    const all = hunks.flat()
    shapes ??= new Set(all.flatMap((one) => (one.sign === '-' ? [one.text.replace(ASKED, '@').trim()] : [])))
    text ??= file.before ? Buffer.from(file.before).toString('utf8') : ''
    const held = shapes
    const [old, fresh] = [before, now].map(wordOf)
    const defines = new RegExp(`\\b${RegExp.escape(before)}\\s*(?::[^=]{1,60})?:?=(?!=)`)
    const isNew =
      (/^[A-Z]/.test(now) && !text.includes(now)) ||
      all.some(({ sign, text: line }) =>
        sign === '+'
          ? fresh?.test(line) === true && !held.has(line.replace(ASKED, '@').trim())
          : sign === '-' && old?.test(line) === true && CREATES.test(line) && defines.test(line),
      )
    known.set(key, isNew)
    return isNew
  }
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\w$])${RegExp.escape(name)}(?![\\w$])`)
}

function isNamedAfter({ before, title }: Swap, path: string): boolean {
  const parts = before.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? []
  const names = [title ?? '', subjectOf(path)].map((one) => one.toLowerCase())
  return parts.length > 0 && names.some((one) => parts.every((part) => one.includes(part.toLowerCase())))
}
