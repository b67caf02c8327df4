/** A delivery as the vendor's documents give it, and its signature, which anybody can compute again. */
export const SECRET = 'mcsig_local_4f9d2c71';
export const SENT_MS = 1_790_000_000_000;
export const SIGNATURE = 't=1790000000,v1=9479b21bd228026b5b8035420d6758514181d0fc5ecf41cbaf7ff9aa31448757';
export const BODY =
  'type=unsubscribe&fired_at=2026-09-21+14%3A13%3A20&data%5Baction%5D=unsub&data%5Breason%5D=manual&data%5Bid%5D=7d1c0b9a42' +
  '&data%5Blist_id%5D=c3a91f02be&data%5Bemail%5D=mona.kvist%40harborlane.test&data%5Bemail_type%5D=html' +
  '&data%5Bip_opt%5D=198.51.100.24&data%5Bweb_id%5D=51207733&data%5Bcampaign_id%5D=9be04d71aa' +
  '&data%5Bmerges%5D%5BEMAIL%5D=mona.kvist%40harborlane.test&data%5Bmerges%5D%5BFNAME%5D=Mona';
