import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { knownError } from '../../../src/errors.ts'
import { createScriptedModel } from '../../../src/models/scripted.ts'
import { after, asking, conversation, textOf } from '../conversation.ts'

test('turns follow the transcript, so that a resumed run goes on, and the last one repeats', async () => {
  const turns = [{ calls: [{ name: 'bash', args: { command: 'ls' } }] }, { text: 'Over.' }]
  const first = await createScriptedModel({ turns }).respond(conversation(), asking())
  const resumed = createScriptedModel({ turns })
  let transcript = after(conversation(), first)
  for (let again = 0; again < 2; again++) {
    const turn = await resumed.respond(transcript, asking())
    expect(textOf(turn)).toBe('Over.')
    transcript = after(transcript, turn)
  }
})

test('it costs nothing, and says so as a price', async () => {
  const turn = await createScriptedModel({ turns: [{ text: 'Hi.' }] }).respond(conversation(), asking())
  expect(turn.costUsd).toBe(0)
  expect(turn.entry.origin.usage.output).toBeGreaterThan(0)
})

test('a script is read from a file and named after it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'script-'))
  try {
    const path = join(directory, 'demo.json')
    await writeFile(path, '[{"text": "From the file."}]')
    const model = createScriptedModel({ path })
    expect(model.name).toBe('scripted:demo')
    expect(textOf(await model.respond(conversation(), asking()))).toBe('From the file.')
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('an unusable script is named without its path', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'script-'))
  try {
    const path = join(directory, 'broken.json')
    await writeFile(path, '[{"txt": "typo"}]')
    for (const file of [path, join(directory, 'missing.json')]) {
      const error = knownError(catching(() => createScriptedModel({ path: file })))
      expect(error?.code).toBe('config_invalid')
      expect(error?.userMessage).toMatch(/broken|missing/)
      expect(error?.userMessage).not.toContain(directory)
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})

function catching(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
