import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstMessage } from '../../src/agent/builtin/prompt.ts'
import { pathProblem } from '../../src/pipeline/gate/paths.ts'
import {
  forCode,
  forMarkdown,
  forModel,
  forPage,
  forPath,
  hiddenKind,
} from '../../src/text/hidden-characters.ts'
import { codeSpan, fenced, inlineCode } from '../../src/text/markdown/fenced.ts'
import { outboundLine, outboundMarkdown } from '../../src/text/markdown/outbound-markdown.ts'
import { visibleText } from '../../src/text/markdown/visible-text.ts'
import { showPath } from '../../src/text/show-path.ts'
import { forTerminal } from '../../src/text/terminal-text.ts'
import { parseCodeRequest } from '../../src/triggers/code-request.ts'
import { expectLinear } from '../support/growth.ts'

const NEEDED = [
  ['a family and a heart', 'Set the title to "👨‍👩‍👧 Family ❤️"'],
  ['skin tones', '👩🏽‍💻 🧑🏻‍🤝‍🧑🏿 👍🏽'],
  ['a heart on fire, a rainbow flag, an eye in a bubble', '❤️‍🔥 🏳️‍🌈 👁️‍🗨️ 🏴‍☠️'],
  ['gender signs and directions', '🤷🏼‍♀️ 🏃‍♂️‍➡️ 🙂‍↔️'],
  ['keycaps', '1️⃣ #️⃣ *️⃣'],
  ['a style of text', '▶︎ ↔︎ ©︎ ⚠︎'],
  ['flags of regions and of countries', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇩🇪'],
  ['powerline and icon fonts', 'Put "\ue0b0" between, \uf113 and \u{f0f6}'],
  ['private use beyond the first plane', 'icon \u{f0001} and \u{10fffd}'],
  ['Persian', 'می‌خواهم کتاب‌ها را ببینم'],
  ['a Persian ending on a Latin word or a number', 'URL‌ها و ۱۲‌ام'],
  ['a Persian ending on code, a quotation or parentheses', '`API`‌ها «وب»‌های (URL)‌ها'],
  ['an Arabic letter in its initial form', 'هـ or ه‍ 1446'],
  ['Syriac', 'ܐܒ‌ܓ'],
  ['Hindi and Marathi', 'क्‍ष क्‌ष र‍्य'],
  ['Malayalam and Bengali', 'ന്‍ ര്‍ র‍্যাব'],
  ['Sinhala', 'ශ්‍රී ලංකා'],
  ['Kannada and Tamil', 'ರ‍್ಕ க்‌ஷ'],
  ['word ends of Khmer and Thai', 'ភាសា​ខ្មែរ ภาษา​ไทย'],
  ['Mongolian', 'ᠪᠠᠭ᠎ᠠ ᠨ᠋'],
  ['Japanese names', '葛󠄀城市 辻󠄂'],
  ['a drawing in braille', '⠀⠀⣿⣿⠀⠀ ⠋⠙⠹'],
  ['old Korean', '\u115fᅡ ᄀ\u1160'],
  ['an Arabic number sign', '؀١٢'],
] as const

test.each(NEEDED)('%s: nothing is taken away in any use', (_, text) => {
  expect(forModel(text)).toBe(text)
  expect(forCode(text)).toBe(text)
  expect(forPage(text)).toBe(text)
  expect(forTerminal(text)).toBe(text)
  expect(forPath(text)).toBeUndefined()
})

const TASK = {
  runId: 'r',
  requester: 'ada',
  repository: 'acme/api',
  baseBranch: 'main',
  baseSha: 'a'.repeat(40),
  workspace: '/w',
  setup: 'none',
  limits: { steps: 1, minutes: 1, usd: 1, tokens: 1 },
  network: [],
  images: [],
  baseline: [],
  instructions: [],
} as const

test.each(NEEDED)('%s: a request, a title and a body reach their reader whole', (_, text) => {
  const rules = { webUrl: 'https://github.com', budgetCapUsd: 5 }
  const { prompt } = parseCodeRequest({ repoUrl: 'https://github.com/acme/api', prompt: text }, rules)
  expect(prompt).toBe(text)
  expect(visibleText(text)).toBe(text)
  const thread = {
    kind: 'issue',
    number: 1,
    title: 't',
    body: `It says: ${text}`,
    author: 'eve',
    trusted: false,
    url: '',
  }
  const check = { command: 'npm test', exitCode: 1, durationMs: 1, tail: text }
  const message = firstMessage({
    task: {
      ...TASK,
      prompt,
      thread: thread as never,
      baseline: [check],
      instructions: [{ path: 'AGENTS.md', text }],
    } as never,
    surroundings: { files: [], system: '', commands: [], commits: [] } as never,
    date: new Date(0),
    nonce: 'n0nce',
  })
  expect(JSON.stringify(message).split(JSON.stringify(text).slice(1, -1))).toHaveLength(5)
  const options = { repository: 'acme/api', maxChars: 200 }
  expect(outboundLine(text, options)).toBe(text)
  expect(outboundMarkdown(text, options)).toBe(text)
  expect(fenced(text)).toContain(text)
})

test.each([
  ['zero-width spaces', 'Ignore\u200b all\u200b', 'Ignore all'],
  ['word joiners and marks of order', 'a\u2060b\ufeffc\u2063d', 'abcd'],
  ['overrides and isolates', 'ab\u202ecd\u2066ef\u2069', 'abcdef'],
  ['marks of direction', 'a\u200eb\u200fc\u061cd', 'abcd'],
  ['words in tags', 'hi\u{e0069}\u{e0067}\u{e006e}', 'hi'],
  ['words in tags behind an emoji', '👍\u{e0072}\u{e006d}\u{e007f}', '👍'],
  ['words in tags behind a black flag', '🏴\u{e0072}\u{e006d}\u{e007f}', '🏴'],
  ['a row of flags tags', '🏴󠁧󠁢󠁥󠁮󠁧󠁿\u{e0061}', '🏴'],
  ['bytes in variation selectors', '😊\u{e0115}\u{e0120}\ufe0a', '😊'],
  ['a second selector', '❤️\ufe0f', '❤️'],
  ['a row of ideograph selectors', '葛\u{e0101}\u{e0102}', '葛'],
  ['a selector behind a letter or a bare digit', 'a\ufe0f 1\ufe0f', 'a 1'],
  ['joiners in Latin words', 'pass\u200cwo\u200drd', 'password'],
  ['joiners between or behind emoji and words', '👩\u200d x \u200d👩', '👩 x 👩'],
  ['rows of joiners', 'می\u200c\u200c\u200dخواهم', 'میخواهم'],
  ['a joiner before a space', 'می\u200c خواهم', 'می خواهم'],
  ['interlinear annotation', 'a\ufff9b\ufffac\ufffb', 'abc'],
  ['fillers and empty cells', 'a\u3164b\uffa0c\u115fd\u2800e', 'abcde'],
  ['soft hyphens and grapheme joiners', 'a\u00adb\u034fc', 'abc'],
  ['musical and shorthand format', 'a\u{1d173}b\u{1bca0}c', 'abc'],
  ['controls', 'a\u0007b\u007fc\u009bd\u0000e', 'abcde'],
  ['noncharacters', 'a\ufffeb\u{1ffff}c\ufdd0d', 'abcd'],
])('%s are removed from prose and shown in code', (_, text, visible) => {
  expect(forModel(text)).toBe(visible)
  expect(forMarkdown(text)).toBe(visible)
  expect(visibleText(text)).toBe(visible)
  expect(outboundLine(text, { repository: 'a/b', maxChars: 200 })).toBe(visible)
  expect(forCode(text)).toMatch(/\\u\{[0-9a-f]+\}/)
  expect(forModel(forCode(text))).toBe(forCode(text))
  expect(forPath(text)).toBeDefined()
  expect(pathProblem(text)).toBeDefined()
})

test.each([
  ['\r\n', '\n'],
  ['\r', '\n'],
  ['a\u2028b\u2029c\u0085d\ve\ff', 'a\nb\nc\nd\ne\nf'],
])('every end of line is one that a reader sees: %j', (text, lines) => {
  expect(forModel(text)).toBe(lines)
})

test('a fence, a code span and a path show what they hide', () => {
  expect(fenced('a\u202eb\u200bc')).toBe('```\na\\u{202e}b\\u{200b}c\n```')
  expect(codeSpan('a\u202eb | 👩‍💻')).toBe('`a\\u{202e}b │ 👩‍💻`')
  expect(showPath('a\u202eb/👩‍💻\u00a0\ue0b0`.ts')).toBe('`a\\u{202e}b/👩‍💻\\u{a0}\\u{e0b0}\\u{60}.ts`')
})

test('a code span keeps what it holds: in prose exactly, in a table without an end of its cell', () => {
  expect(inlineCode('a || b')).toBe('`a || b`')
  expect(inlineCode('slugify("a  b")')).toBe('`slugify("a  b")`')
  expect(codeSpan('a || b')).toBe('`a ││ b`')
})

test('a text of very many backticks can be fenced', () => {
  expect(fenced('`x'.repeat(300_000))).toMatch(/^```\n/)
})

test('a page leaves the zero-width space alone that we put into our own texts', () => {
  expect(forPage('@\u200bbob \u202e \u2060')).toBe('@\u200bbob \\u{202e} \\u{2060}')
})

test('over all code points, every use agrees with the table', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const one = String.fromCodePoint(code)
    const kind = hiddenKind(one)
    const text = `a${one}b`
    const shown = `a\\u{${code.toString(16)}}b`
    const isControl = /\p{Cc}/u.test(one)
    const expected =
      kind === undefined
        ? { model: text, code: text, page: text, terminal: text, path: undefined }
        : {
            model: kind === 'line_break' ? 'a\nb' : 'ab',
            code: one === '\r' ? 'a\nb' : shown,
            page: one === '\r' ? 'a\nb' : one === '\u200b' ? text : shown,
            terminal: kind === 'invisible' ? text : one === '\r' ? 'a\nb' : isControl ? 'ab' : shown,
            path: isControl || kind === 'line_break' ? 'control' : 'hidden',
          }
    const seen = {
      model: forModel(text),
      code: forCode(text),
      page: forPage(text),
      terminal: code === 0x1b || (code >= 0x90 && code <= 0x9f) ? expected.terminal : forTerminal(text),
      path: one === '\t' || one === '\n' ? undefined : forPath(text),
    }
    if (JSON.stringify(seen) !== JSON.stringify(expected) || forMarkdown(text) !== seen.model) {
      expect({ at: code.toString(16), ...seen }).toEqual({ at: code.toString(16), ...expected })
    }
  }
})

test('a use that was applied twice has changed nothing the second time', () => {
  const unit = fc.oneof(
    fc.constantFrom(
      ...'مकa1#👩❤🏴\u200b\u200c\u200d\ufe0f\u20e3\u094d\u{e0067}\u{e007f}\u2800⣿\r\n葛\u{e0100}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 30 }), (units) => {
      const text = units.join('')
      for (const use of [forModel, forCode, forPage, forTerminal]) {
        expect(use(use(text))).toBe(use(text))
      }
    }),
    { numRuns: 500 },
  )
})

test('a long row of any of them takes work that grows with its length', () => {
  for (const row of [
    '\u200b',
    '\u200d',
    '👩\u200d',
    'م\u200c',
    '\u{e0041}',
    '\u2800',
    '\ufe0f',
    '\r',
    '\u0007',
  ]) {
    for (const use of [forModel, forCode, forPath]) expectLinear(use, row)
  }
})
