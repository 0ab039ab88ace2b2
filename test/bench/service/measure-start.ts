import { percentile } from '../measurement.ts'
import type { PartContext, PartMeasurement } from './part.ts'
import { startSubject } from './subject.ts'

const STARTS = 5

/** From the start of the process until it listens, on a database that has been used before. */
export async function measureStart(context: PartContext): Promise<readonly PartMeasurement[]> {
  const { backend, surroundings } = context
  const database = await backend.createDatabase()
  try {
    const times: number[] = []
    const cpu: number[] = []
    for (let count = 0; count <= STARTS; count++) {
      const subject = await startSubject({ ...surroundings.env, ...database.env })
      if (count > 0) {
        // The first one makes tables and fills caches.
        times.push(subject.startMs)
        cpu.push(subject.startCpuMs)
      }
      await subject.stop()
    }
    return [
      { name: 'start to listening, warm', value: percentile(times, 0.5), unit: 'ms', target: 1000 },
      { name: 'start to listening: processor time', value: percentile(cpu, 0.5), unit: 'ms' },
    ]
  } finally {
    await database.remove()
  }
}
