import type { Paint } from '../../src/commands/terminal/views/paint.ts'
import type { Config } from '../../src/config.ts'

/** Which part of this demo runs where. */
export function describeDemo(demo: {
  readonly config: Config
  readonly github: string
  readonly service: string
  readonly note: string
  readonly scripted: boolean
  readonly paint: Paint
}): string {
  const { config, paint } = demo
  const rows: [string, string][] = [
    ['GitHub', `${demo.github}  (a stand-in on this machine)`],
    ['Backspace', demo.service],
    ['Model', describeModel(config, demo.scripted)],
    ['Sandbox', demo.note],
  ]
  const lines = rows.map(([name, value]) => `  ${paint('dim', name.padEnd(10))}${value}\n`)
  return lines.join('')
}

function describeModel({ models }: Config, scripted: boolean): string {
  if (scripted) return 'scripted (test/demo/turns.json): no key is used'
  if (!models.anthropic && !models.openai) return 'none: the dummy agent looks around and says what it found'
  const names = models.chain
    .filter(({ provider }) => (provider === 'anthropic' ? models.anthropic : models.openai))
    .map(({ provider, id }) => `${provider}:${id}`)
  return names.join(', ')
}
