import { expect, test } from 'vitest'
import { applyEdits } from '../../../src/agent/tools/apply-edits.ts'

const ENDINGS = [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
] as const
const MARKS = [
  ['no mark', ''],
  ['a byte order mark', '\ufeff'],
] as const
const BODIES = [
  ['ASCII', 'alpha beta'],
  ['tabs', '\t\tif (x) {\treturn\t}'],
  ['umlauts', 'Größe und Maß'],
  ['combining letters', 'cafe\u0301'],
  ['emoji beyond 16 bits', 'ship 🚀 and 👩‍👩‍👧'],
  ['right to left', 'שלום עולם'],
  ['Chinese', '你好,世界'],
  ['a dollar pattern', "'$&' + '$1'"],
  ['backslashes', 'C:\\new\\table'],
] as const
const PLACES = ['first', 'middle', 'last'] as const

/** Every combination: 2 endings × 2 marks × 9 bodies × 3 places = 108. */
const exact = ENDINGS.flatMap(([endings, eol]) =>
  MARKS.flatMap(([mark, start]) =>
    BODIES.flatMap(([body, line]) =>
      PLACES.map((place) => ({ endings, eol, mark, start, body, line, place })),
    ),
  ),
)

test.each(exact)('$body on the $place line, $endings, $mark', async ({ eol, start, line, place }) => {
  const lines = ['one', 'two', 'three']
  lines[PLACES.indexOf(place)] = line
  const before = start + lines.join(eol) + eol

  const edited = await applyEdits(before, [{ old_string: line, new_string: `${line}\nadded` }])

  expect(edited).toMatchObject({ ok: true, notes: [] })
  expect(edited.ok && edited.text).toBe(before.replace(line, () => `${line}${eol}added`))
})

/** What the file contains, and how a model quotes it. */
const LOOSE = [
  ['typographic single quotes', 'it\u2019s \u2018so\u2019', "it's 'so'"],
  ['typographic double quotes', 'say \u201cyes\u201d', 'say "yes"'],
  ['a dash', 'a \u2013 b', 'a - b'],
  ['a long dash', 'a \u2014 b', 'a - b'],
  ['a minus sign', 'a \u2212 b', 'a - b'],
  ['a no-break space', 'a\u00a0b', 'a b'],
  ['a thin space', 'a\u2009b', 'a b'],
  ['an ideographic space', 'a\u3000b', 'a b'],
  ['the quote in the request instead', 'say "yes"', 'say \u201cyes\u201d'],
  ['the dash in the request instead', 'a - b', 'a \u2014 b'],
] as const
const TRAILING = [
  ['nothing', ''],
  ['spaces', '   '],
  ['a tab', '\t'],
] as const

/** 10 spellings × 3 line ends × 2 endings = 60. */
const loose = LOOSE.flatMap(([spelling, stands, quoted]) =>
  TRAILING.flatMap(([after, space]) =>
    ENDINGS.map(([endings, eol]) => ({ spelling, stands, quoted, after, space, endings, eol })),
  ),
)

test.each(loose)('$spelling before $after, $endings: found once, all around stays', async (given) => {
  const { stands, quoted, space, eol } = given
  const before = `\u201chead\u201d \t${eol}${stands}${space}${eol}next${space}${eol}\u2019tail  ${eol}`

  const edited = await applyEdits(before, [{ old_string: `${quoted}\nnext`, new_string: 'new' }])

  expect(edited).toMatchObject({ ok: true, notes: [expect.stringContaining('typography aside')] })
  expect(edited.ok && edited.text).toBe(`\u201chead\u201d \t${eol}new${space}${eol}\u2019tail  ${eol}`)
})

test.each(
  loose.filter(({ endings }) => endings === 'LF'),
)('$spelling before $after in two places: refused, even with replace_all', async ({
  stands,
  quoted,
  space,
  eol,
}) => {
  const before = `${stands}${space}${eol}x${eol}${stands}${space}${eol}`

  const edited = await applyEdits(before, [{ old_string: quoted, new_string: 'new', replace_all: true }])

  expect(edited).toMatchObject({ ok: false, problem: expect.stringContaining('only approximately, 2 times') })
})

test.each([
  ['another indentation', '    return 1\n', '  return 1\nx'],
  ['another letter case', 'Return 1\n', 'return 1'],
  ['a word too many', 'return 1\n', 'return the 1'],
  ['a missing line between', 'a\nb\nc\n', 'a\nc'],
  ['only white space', 'a\n\n\nb\n', ' \n '],
  ['composed instead of combining letters', 'cafe\u0301\n', 'caf\u00e9'],
  ['nothing at all in an empty file', '', 'a'],
])('%s is no match: nothing is guessed', async (_what, before, wanted) => {
  expect(await applyEdits(before, [{ old_string: wanted, new_string: 'new' }])).toMatchObject({
    ok: false,
    problem: expect.stringContaining('does not occur'),
  })
})

test.each([
  ['the first, then what it wrote', ['a x', 'bb x'], ['bb', 'c'], 'c x a2\n', 'a x a2\n'],
  ['overlapping ranges, the second gone with the first', ['a x', 'q'], ['x a2', 'r'], undefined, 'a x a2\n'],
  ['neighbours', ['a ', 'A '], ['x', 'X'], 'A X\n', 'a x\n'],
  ['two that swap places', ['one', 'two!'], ['two\n', 'one\n'], 'two!\none\n', 'one\ntwo\n'],
])('several edits: %s', async (_what, [from, to], [from2, to2], after, before) => {
  const edited = await applyEdits(before, [
    { old_string: from ?? '', new_string: to ?? '' },
    { old_string: from2 ?? '', new_string: to2 ?? '' },
  ])
  if (after === undefined) {
    expect(edited).toMatchObject({ ok: false, problem: expect.stringContaining('edit 2 does not occur') })
  } else expect(edited).toMatchObject({ ok: true, text: after })
})
