import { percentile } from '../measurement.ts'
import { WEBHOOK_PATH } from './bench-surroundings.ts'
import type { PartContext, PartMeasurement } from './part.ts'
import { type Answer, commentWebhook, createWebhookSender, type SignedWebhook } from './send-webhooks.ts'
import { startSubject } from './subject.ts'

const PER_SECOND = 100
const BURST = 1000
/** Of the burst, sent twice: same delivery, same body. */
const REPEATED = 100

/** How soon a delivery is acknowledged, and whether each was kept exactly once. */
export async function measureWebhooks(context: PartContext): Promise<readonly PartMeasurement[]> {
  const { backend, surroundings, quick } = context
  const database = await backend.createDatabase()
  const subject = await startSubject({ ...surroundings.env, ...database.env })
  const sender = createWebhookSender(`${subject.url}${WEBHOOK_PATH}`)
  let made = 0
  const make = (count: number): SignedWebhook[] =>
    Array.from({ length: count }, () => commentWebhook(++made, surroundings.github.webhookSecret))
  try {
    const warm = await sender.sendSteadily(make(50), 50) // Warms up what every service has warm after a minute.
    const seconds = quick ? 3 : 20
    const cpuBefore = subject.cpuMs()
    const steady = await sender.sendSteadily(make(PER_SECOND * seconds), PER_SECOND)
    const cpuPerSecond = (subject.cpuMs() - cpuBefore) / seconds
    const burst = make(BURST - REPEATED)
    const answers = await sender.sendAtOnce([...burst, ...burst.slice(0, REPEATED)])
    await subject.stop()
    const inDatabase = await database.countDeliveries()
    return [
      ...latencies('webhook acknowledged, 100/s', steady),
      { name: 'webhooks, 100/s: of one processor', value: cpuPerSecond / 10, unit: '%' },
      { name: 'burst of 1,000: all answered', value: slowest(answers), unit: 'ms', target: 2000 },
      {
        name: 'webhooks not acknowledged',
        value: [...steady, ...answers].filter(({ status }) => status !== 202).length,
        unit: 'count',
        target: 0,
      },
      {
        name: 'webhooks acknowledged and lost',
        value: Math.max(0, acknowledged([...warm, ...steady, ...answers]) - inDatabase),
        unit: 'count',
        target: 0,
      },
      {
        name: 'webhooks doubled',
        value: Math.max(0, inDatabase - made, count(answers, 'stored') - burst.length),
        unit: 'count',
        target: 0,
      },
    ]
  } finally {
    await subject.stop()
    await database.remove()
  }
}

function latencies(name: string, answers: readonly Answer[]): PartMeasurement[] {
  const times = answers.map(({ ms }) => ms)
  return [
    { name: `${name}: p50`, value: percentile(times, 0.5), unit: 'ms', target: 10 },
    { name: `${name}: p99`, value: percentile(times, 0.99), unit: 'ms', target: 100 },
  ]
}

const slowest = (answers: readonly Answer[]) => Math.max(...answers.map(({ ms }) => ms))
const count = (answers: readonly Answer[], kept: Answer['kept']) =>
  answers.filter((answer) => answer.kept === kept).length
/** Different ones: a duplicate is one that was acknowledged before. */
const acknowledged = (answers: readonly Answer[]) => count(answers, 'stored')
