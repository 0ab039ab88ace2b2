import type { Database } from '../../db/database.ts'

/** What a chore writes down for its next time, in whichever process that is. */
export interface ChoreNote {
  /** Undefined when nothing was written yet. */
  read(): Promise<unknown>
  /** @param note any JSON; forgotten when the chore was never done. */
  write(note: object): Promise<void>
}

export function createChoreNote(db: Database, chore: string): ChoreNote {
  return {
    async read() {
      const row = await db.sql
        .selectFrom('chores')
        .select('note')
        .where('name', '=', chore)
        .executeTakeFirst()
      return row?.note ?? undefined
    },
    async write(note) {
      await db.sql
        .updateTable('chores')
        .set({ note: JSON.stringify(note) })
        .where('name', '=', chore)
        .execute()
    },
  }
}
