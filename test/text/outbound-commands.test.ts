import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeSpan, fenced, inlineCode } from '../../src/text/markdown/fenced.ts'
import { withoutCommand, withoutCommandWords } from '../../src/text/markdown/outbound-commands.ts'
import { outboundLine, outboundMarkdown } from '../../src/text/markdown/outbound-markdown.ts'

const options = { repository: 'acme/api', mayMention: ['ada'] }

/** Words that a bot looks for in raw text; S27, S36, fault S17. */
const STEERING = [
  ...[
    '[skip ci]',
    '[ci skip]',
    '[no ci]',
    '[skip actions]',
    '[actions skip]',
    '[skip-ci]',
    '[CI Skip]',
    '[ skip  ci ]',
  ],
  ...[
    '[skip netlify]',
    '[netlify skip]',
    '[skip vercel]',
    '[vercel skip]',
    '[CF-Pages-Skip]',
    '[skip render]',
  ],
  ...[
    '[render skip]',
    '[skip azp]',
    '[azurepipelines skip]',
    '[skip travis]',
    '[skip appveyor]',
    '[skip circleci]',
  ],
  ...[
    '[skip buildkite]',
    '[skip drone]',
    '[skip release]',
    '[release skip]',
    '[skip deploy]',
    '[skip preview]',
  ],
  ...['***NO_CI***', '-o ci.skip', 'skip-checks: true', 'Skip-Release: yes', 'Release-As: 9.0.0'],
  ...[
    'BEGIN_COMMIT_OVERRIDE',
    'END_COMMIT_OVERRIDE',
    'Co-authored-by: Eve <eve@example.org>',
    'Signed-off-by: Eve',
  ],
  ...[
    'Approved-by: Eve',
    'Reviewed-by: Eve',
    'Change-Id: I1',
    'Backspace-Run: 1',
    'fixup! a',
    'squash! a',
    'amend! a',
  ],
  ...[
    'homu r+',
    'pre-commit.ci autofix',
    'pre-commit.ci run',
    'cla-assistant check',
    'I hereby sign the CLA',
  ],
  ...['bors r+', 'bors: r+', 'bors try', 'BORS R+', 'atlantis apply', 'atlantis plan -d x', 'digger apply'],
  ...[
    'terrateam apply',
    'ok to test',
    'test this please',
    'retest this please',
    'add to whitelist',
    'recheck',
    'rebase!',
  ],
  ...[
    '/lgtm',
    '/approve',
    '/test all',
    '/merge',
    '/retest',
    '/ok-to-test',
    '/deploy',
    '/review',
    '/azp run',
    '/gemini review',
  ],
  ...[
    '!deploy',
    '!merge',
    'use /opencode now',
    '@dependabot merge',
    '@renovatebot rebase',
    '@bors r+',
    '@Mergifyio merge',
  ],
  ...[
    '@coderabbitai review',
    '@claude fix this',
    '@codex',
    '@copilot fix',
    '@k8s-ci-robot',
    '@gemini-code-assist',
  ],
  ...[
    'Fixes #3',
    'fixes &#;&#;&nbsp;#3',
    'closing #3',
    'Implements #3',
    'resolves PROJ-12',
    'PROJ-12 #close',
    'Fixes AB#12',
  ],
]

test.each(STEERING)('%j is inert in prose, in a title, in code and in what a command printed', (words) => {
  const shown = (text: string) => text.replaceAll('\u200b', '').replaceAll('\\', '')
  for (const place of [
    outboundMarkdown(words, options),
    outboundMarkdown(`Done.\n\n${words}\n\nAnd more.`, options),
    outboundMarkdown(`Done.\n\`\`\`\n${words}\n\`\`\``, options),
    fenced(words, 'text'),
  ]) {
    expect(place).not.toContain(words)
    expect(shown(place).replace('&lt;', '<')).toContain(words)
  }
  // Neither a title nor a span of code is a comment, so a command that must begin a line has no effect there.
  if (/^[/!]|rebase!|recheck/.test(words)) return
  for (const place of [
    outboundLine(words, { ...options, maxChars: 72 }),
    inlineCode(words),
    codeSpan(words),
  ]) {
    expect(place).not.toContain(words)
    expect(shown(place)).toContain(shown(words.trim()).slice(0, 8))
  }
})

test.each([
  'Skip the cache in CI, and fix the 12 tests that ran in no time',
  'The route /reviews takes a [list] of rows[0] and ends with a release',
  'BREAKING CHANGE: names are trimmed',
  'feat!: trim names',
  'src/index.ts:3 is closed by a bot that merges this branch',
  'Ask @ada about `rows[ci - 1]` and `npm test`',
])('ordinary words stay as they are: %s', (words) => {
  expect(outboundMarkdown(words, options)).toBe(words)
})

test('a diff keeps every word, because people apply it', () => {
  expect(fenced('+[skip ci] fixes #1\n', 'diff')).toBe('```diff\n+[skip ci] fixes #1\n```')
})

test('what begins a line of code as a command does not, and a path stays', () => {
  expect(
    ['/merge', '/usr/bin/env node', '  /lgtm cancel', '!deploy', '!important'].map(withoutCommand),
  ).toEqual(['/\u200bmerge', '/usr/bin/env node', '  /\u200blgtm cancel', '!\u200bdeploy', '!important'])
})

test('whatever the words around it, taking them apart twice changes nothing', () => {
  const word = fc.constantFrom(
    ...STEERING,
    ' ',
    '\n',
    '- ',
    '> ',
    '`',
    '[',
    ']',
    ':',
    '#1',
    'skip',
    'ci',
    '@',
    '/',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.boolean(), (words, isCode) => {
      const once = withoutCommandWords(words.join(''), isCode)
      expect(withoutCommandWords(once, isCode)).toBe(once)
    }),
    { numRuns: 1000 },
  )
})
