import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { expect, test } from 'vitest'
import { linkHostsOf } from '../../src/pipeline/texts/link-hosts.ts'
import { outboundMarkdown } from '../../src/text/markdown/outbound-markdown.ts'
import { onIssue } from '../runs/start-runs.ts'

const LINKS = { repository: 'acme/api', linkHosts: ['docs.example.org', '*.acme.example'] }

test.each([
  'see https://github.com/acme/api and [docs](https://docs.github.com/en?x=1#y)',
  '[a](https://docs.example.org/a_(b)), https://DOCS.example.org:8443/x, http://www.acme.example.',
  '[b](docs/b.md) [c](#c) [d](/acme/api/wiki) [e](../e.md?x=a:b)',
  '`https://evil.example` and ``[a](https://evil.example)``',
])('links to GitHub, to the repository and to hosts of the list stay: %j (S27)', (markdown) => {
  expect(outboundMarkdown(markdown, LINKS)).toBe(markdown)
})

test.each([
  'https://evil.example/?q=secret',
  'HTTP://evil.example',
  'www.evil.example',
  'ftp://evil.example/x',
  '[docs](https://evil.example/x)',
  '[docs](<https://evil.example/x>)',
  '<https://evil.example/x>',
  '![cat](https://evil.example/x.png)',
  '[x](//evil.example)',
  '[x](/\\evil.example)',
  '[x](https&colon;//evil.example)',
  '[x](https:&#x2f;/evil.example)',
  '[x](https\\://evil.example)',
  '[x](javascript:alert(1))',
  '[x](mailto:eve@evil.example)',
  'https://github.com@evil.example/',
  'https://sub.github.com.x@evil.example/',
  'https://github.com\\@evil.example/',
  'https://github.com%2eevil.example/',
  'https://github.com.evil.example/',
  'https://github.comé.evil.example/',
  'https://evilgithub.com/ https://acme.example/ https://docs.example.org.evil.example',
  `https://${'a'.repeat(281)}.github.com.evil.example/`,
  '[x](https://github.com/a](https://evil.example/)',
  '[a\n](\nhttps://evil.example/)',
  '> [x](\n> //evil.example)',
  '- > [x](\n  > javascript:alert(1))',
  '> > [x](\n//evil.example)',
  '[https://github.com](https://evil.example)',
])('a link to another host is text, which people can still read: %j (S27)', (markdown) => {
  const tree = fromMarkdown(outboundMarkdown(markdown, LINKS), {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  }) as Nodes
  const targets: string[] = []
  visit(tree, 'link', (node) => {
    targets.push(node.url)
  })
  expect(targets.filter((url) => !/^(?:https:\/\/github\.com(?:\/|$)|mailto:)/.test(url))).toEqual([])
})

test('hosts are opened by the operator, the homepage and people with write access, not by outsiders (S27)', () => {
  const request = onIssue(1, { prompt: 'Follow https://Spec.example/v2.' })
  const thread = { kind: 'issue', number: 1, title: 'x', author: 'bob', url: '' } as const
  const asked = { ...request, thread: { ...thread, body: '[a](http://issue.example:80/x)' } }
  const more = { operator: ['*.acme.example'], homepage: 'https://acme.dev' }
  expect(linkHostsOf({ ...asked, tainted: false }, more)).toEqual([
    '*.acme.example',
    'acme.dev',
    'spec.example',
    'issue.example',
  ])
  expect(linkHostsOf({ ...asked, tainted: true }, more)).toEqual(['*.acme.example', 'acme.dev'])
})
