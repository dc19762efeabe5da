/** The shop's own database, as an operational system keeps it: SQLite, filled with the same orders as its API. */
import { DatabaseSync } from 'node:sqlite';
import { ordersOf } from './orders.ts';

const DAY_MS = 86_400_000;

/** Opens the database with the orders of the days from `from` up to, not including, `to`. Close it after use. */
export async function openShopDatabase(from: string, to: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(':memory:');
  database.exec('create table orders (id text primary key, day text, region text, amount real, status text)');
  const insert = database.prepare('insert into orders values (?, ?, ?, ?, ?)');
  for (let at = Date.parse(from); at < Date.parse(to); at += DAY_MS) {
    const orders = await ordersOf(new Date(at).toISOString().slice(0, 10));
    for (const { id, day, region, amount, status } of orders) insert.run(id, day, region, amount, status);
  }
  return database;
}
