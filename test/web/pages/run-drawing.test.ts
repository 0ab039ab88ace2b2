import { expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { foldEvents } from '../../../src/runs/summary/run-state.ts'
import { foldCurve, NO_CURVE } from '../../../src/runs/summary/usage-curve.ts'
import { storyWindow } from '../../../src/web/live/story-windows.ts'
import { changesPart, diffFiles, fileLines } from '../../../src/web/pages/changes-part.ts'
import { loadColours } from '../../../src/web/pages/code-colours.ts'
import { drawRun } from '../../../src/web/pages/draw-run.ts'
import { countNodes } from '../../../src/web/pages/node-budget.ts'
import { storyEntries } from '../../../src/web/pages/story-part.ts'
import { usagePart } from '../../../src/web/pages/usage-part.ts'
import { workOf } from '../../bench/pages/long-run.ts'
import { BODIES, DIFF, eventsOf } from '../a-run.ts'
import { foldInMemory } from '../draw-events.ts'

const LONG = eventsOf(Array.from({ length: 900 }, (_, index) => workOf(index + 8)))
const view = { page: '/runs/r1', split: false, colours: undefined }

function changesOf(diff: string): Parameters<typeof changesPart>[0] {
  return { type: 'changes.collected', files: [], diff, seq: 4 }
}

test('renames, modes and binary files are said', () => {
  const facts = diffFiles(
    [
      'diff --git a/a.txt b/b.txt\nsimilarity index 90%\nrename from a.txt\nrename to b.txt\n--- a/a.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-x\n+y\n',
      'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n',
      'diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n',
      'diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\n--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    ].join(''),
  )
  expect(facts.map(({ path, movedFrom, facts }) => [path, movedFrom, facts])).toEqual([
    ['b.txt', 'a.txt', ['renamed']],
    ['run.sh', undefined, ['mode changed 100644 → 100755']],
    ['p.png', undefined, ['binary']],
    ['gone.txt', undefined, ['deleted']],
  ])
})

test('code has colours, line by line, and what others wrote in it stays text', async () => {
  const colours = await loadColours()
  const evil =
    'diff --git a/x.js b/x.js\n--- a/x.js\n+++ b/x.js\n@@ -1,2 +1,2 @@\n-const a = "<img src=x>"\n+/* <script>\n+</script> */ const b = `\u202e`\n'
  const drawn = fileLines(evil, { index: 0, split: false, colours }) ?? ''
  expect(drawn).toContain('-<i class="k">const</i> a = <i class="s">&quot;&lt;img src=x&gt;&quot;</i>')
  expect(drawn).toContain('+<i class="c">/* &lt;script&gt;</i>')
  expect(drawn).toContain('<i class="c">&lt;/script&gt; */</i>')
  expect(drawn).toContain('\\u{202e}')
  expect(drawn).not.toMatch(/<script|<img/)
})

test('side by side, each column has the numbers of its own file', () => {
  const drawn = fileLines(DIFF, { index: 0, split: true, colours: undefined }) ?? ''
  const numbers = [...drawn.matchAll(/<span class="(\w+)" data-n="(\d+)">/g)].map(
    ([, kind, number]) => `${kind} ${number}`,
  )
  expect(numbers.slice(0, 8)).toEqual([
    'context 1',
    'context 1',
    'delete 2',
    'add 2',
    'add 3',
    'context 3',
    'context 4',
    'context 4',
  ])
})

test('a large change is shown as far as it fits, and each of its files is a link', () => {
  const files = Array.from({ length: 50 }, (_, index) => {
    const added = Array.from({ length: 60 }, (_, line) => `+line ${line}`)
    return `diff --git a/f${index} b/f${index}\n--- a/f${index}\n+++ b/f${index}\n@@ -1 +1,61 @@\n x\n${added.join('\n')}\n`
  })
  const drawn = String(changesPart(changesOf(files.join('')), view))
  expect(countNodes(drawn)).toBeLessThan(1_000)
  expect(drawn.match(/<details class="file" id="file-\d+" open>/g)?.length).toBeGreaterThan(3)
  expect(drawn).toContain('<a href="/runs/r1?file=49&amp;view=unified#file-49">Show 62 lines</a>')
  expect(String(changesPart(changesOf(files.join('')), { ...view, file: 49 }))).toContain('id="file-49" open')
})

test('a long story is a window of small entries, around the event that was asked for', async () => {
  const fold = await foldInMemory(LONG)
  const { state, curve } = fold
  const story = await storyWindow(fold, { at: 300 })
  expect(story).toMatchObject({ target: 300, failure: expect.any(Number) })
  expect(story.entries.length).toBe(40)
  expect(story.entries.some(({ id, last }) => id <= 300 && last >= 300)).toBe(true)
  const drawn = String(
    storyEntries(story, { page: '/runs/r1', prose: (text) => text as never, plain: false }),
  )
  expect(countNodes(drawn)).toBeLessThan(800)
  expect(drawn.match(/ target"/g)).toHaveLength(1)
  expect(drawn).toContain('data-brief="yes"')
  const page = await drawRun({
    kind: 'story',
    page: '/runs/r1',
    story: await storyWindow(fold, { entry: 300 }),
  })
  expect(page.match(/<li id="\d+"/g)).toHaveLength(1)
  expect([state.seq, curve.points.length <= 60]).toEqual([900, true])
})

test('the state after any event is the one that its events alone have', async () => {
  const fold = await foldInMemory(LONG)
  for (const seq of [1, 7, 499, 500, 501, 873, 900]) {
    const at = await fold.stateAt(seq)
    const alone = foldEvents(LONG.slice(0, seq))
    expect({ ...at, tools: at.tools.length }).toEqual({ ...alone, tools: alone.tools.length })
  }
})

test('an event costs no more after many others', async () => {
  const fold = await foldInMemory(eventsOf(Array.from({ length: 9_000 }, (_, index) => workOf(index + 8))))
  const { usage } = fold.state
  for (const list of [usage.toolTime.spans, usage.firstTokensMs, fold.state.notices])
    expect(list.length).toBeLessThanOrEqual(1_000)
  expect(usage.toolCalls).toBe(9_000 * 0.375)
})

test('tokens and dollars over time are a picture with its table', () => {
  const events = eventsOf(BODIES as readonly RunEventBody[])
  const state = foldEvents(events)
  const curve = events.reduce(foldCurve, NO_CURVE)
  expect(curve).toMatchObject({
    tokens: 28_500,
    usd: expect.closeTo(0.41),
    turns: 2,
    switches: [{ text: expect.stringContaining('overloaded') }],
  })
  const drawn = String(usagePart(state, curve, { page: '/runs/r1' }))
  expect(drawn).toMatch(/role="img" aria-label="28,500 tokens and \$0\.41 in \d/)
  expect(drawn.match(/<tr><td>/g)).toHaveLength(2)
})
