import { detectRepository } from '../../src/checks/plans/detect-repository.ts'
import { hostsIn, withoutForeignLinks } from '../../src/text/markdown/outbound-links.ts'
import { visibleText } from '../../src/text/markdown/visible-text.ts'
import { HOSTILE_UNITS } from './hostile-units.ts'
import type { LinearCase } from './linear-case.ts'

/** GitHub's limit for comments and issues. */
const COMMENT = 65_536

/** Beginnings without an end of what hides text, and what becomes markup once something in it is removed. */
const UNSEEN_UNITS = [
  ...[
    '![a [',
    '![a',
    '](a (',
    '](a "',
    '](a',
    '](<a',
    '][a b c d',
    '][',
    '[a]: b "\n',
    '[a]: b (\n',
    "[a]: b '",
  ],
  ...[
    '<b x="',
    "<b x='",
    '<b x=',
    '<b ',
    '<b a',
    '</b ',
    '<?x ',
    '<!X ',
    '<![CDATA[',
    '<div>\n',
    '<div ',
    '<details>',
  ],
  ...[
    '[^a]: ',
    '[^a]: b\n',
    '[a]:',
    '&#x200b;',
    '&#x',
    '&',
    '\n\n<?',
    '<!-<!-- -->- -->',
    '<<b x="">b x="">',
    '```a b\n',
  ],
]

/** Beginnings of links. */
const LINK_UNITS = [
  ...HOSTILE_UNITS,
  'https://',
  'https://a',
  'www.',
  '](https://a',
  '](/',
  'https:\\',
  ' https://a)',
]

/** Text that hides what it says, or where it leads. */
/** A project of Python whose only test has this text. */
function testedBy(text: string, setup = '"responses"') {
  const files = new Map([
    ['tests/test_a.py', text],
    ['setup.py', setup],
    ['requirements-docs.txt', 'responses\n'],
  ])
  return {
    ...{ files: new Set(files.keys()), tools: new Set(['uv']), toolchains: [] },
    read: async (path: string) => files.get(path),
  }
}

export const UNSEEN_CASES: readonly LinearCase[] = [
  {
    file: 'text/markdown/unseen-markup.ts',
    name: 'visibleText of what hides',
    limit: COMMENT,
    units: UNSEEN_UNITS,
    work: (t) => visibleText(`a\n\n${t}`),
  },
  {
    file: 'text/markdown/unseen-markup.ts',
    name: 'visibleText of HTML',
    limit: COMMENT,
    units: UNSEEN_UNITS,
    work: (t) => visibleText(`<div>\n${t}`),
  },
  {
    file: 'text/markdown/link-labels.ts',
    name: 'visibleText of definitions',
    limit: COMMENT,
    units: UNSEEN_UNITS,
    work: (t) => visibleText(`[a]: b\n${t}`),
  },
  {
    file: 'text/markdown/outbound-links.ts',
    name: 'withoutForeignLinks',
    limit: COMMENT,
    units: LINK_UNITS,
    work: (t) => withoutForeignLinks(t, ['example.org', '*.example.com']),
  },
  {
    file: 'text/markdown/outbound-links.ts',
    name: 'hostsIn',
    limit: COMMENT,
    units: LINK_UNITS,
    work: (t) => hostsIn(t),
  },
  {
    file: 'checks/plans/detect-repository.ts',
    name: 'what tests import',
    limit: 64_000,
    units: [
      'def test_a(',
      'def test_a(mocker',
      'import a,',
      ' import a, b\nimport ',
      'importorskip("',
      '\nfrom a import ',
      '\t',
    ],
    work: (t) => detectRepository(testedBy(t)),
  },
  {
    file: 'checks/plans/detect-repository.ts',
    name: 'what a setup.py names',
    limit: 64_000,
    units: ['install_requires=[', '"a', "'b'", 'name = ', ';', '# '],
    work: (t) => detectRepository(testedBy('import a\n', t)),
  },
]
