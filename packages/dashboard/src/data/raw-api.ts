import { Coordinate, type RestClient } from 'coordinate-client';
import { api } from './connection.js';

/** A namespace of which data come as their bytes, which alone have all of them; by the same connections, as whoever `api` is. */
export function rawApi(namespace: string): Coordinate {
  const { client } = api();
  const options = { value: { ...client.options, data: 'raw' } };
  return new Coordinate(Object.create(client, { options }) as RestClient, namespace);
}
