import { expect, test } from 'vitest'
import { readsOnly } from '../../../src/agent/tools/reads-only.ts'

test.each([
  'git status --short',
  'cat src/a.ts',
  "sed -n '1,80p' src/a.ts",
  'sed -n 5p a',
  'cd src && ls -la | head -n 20',
  'grep -rn "add" src 2>/dev/null | wc -l',
  "rg 'a|b' src || true",
  'git diff HEAD -- src/a.ts; git log --oneline -5',
  'find . -name "*.ts" -not -path "./node_modules/*" | sort | head',
  'ls *.md 2>&1',
])('it only looks: %s', (command) => {
  expect(readsOnly(command)).toBe(true)
})

test.each([
  '',
  'npm test',
  'cat a > b',
  'cat a >> b',
  'cat a | tee b',
  'echo $(rm a)',
  'echo `rm a`',
  'echo "$(rm a)"',
  'cat <(rm a)',
  'ls & rm a',
  'ls; rm a',
  'ls\nrm a',
  'ls || rm a',
  'find . -delete',
  'find . -name a -exec rm {} +',
  'sort -o a a',
  'sort -uo a a',
  'sed -i s/a/b/ a',
  "sed -n 'w b' a",
  "sed -n '1,2p' -i a",
  'git checkout .',
  'git diff --output=a',
  'git -C x status',
  'rg --pre ./x a',
  'A=1 ls',
  './ls',
  "'ls' 2>a",
  'ls 2>/dev/nullx',
  'ls >/dev/null/../../a',
  'cat a 1>b',
  'ls |& rm',
  `cat ${'a'.repeat(3000)}`,
  'toString',
  'ls &&',
])('it may write: %j', (command) => {
  expect(readsOnly(command)).toBe(false)
})
