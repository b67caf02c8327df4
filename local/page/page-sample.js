/** A small mail that reads well on a phone, with the two tags that every campaign needs: unsubscribe and address. */

export const SAMPLE_SUBJECT = 'Fresh from the oven this Saturday';
export const SAMPLE_PREVIEW = 'Country rye, walnut rolls, and the first apple cake of the year.';
export const SAMPLE_HTML = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Fresh from the oven</title>
  <style>
    @media (max-width: 480px) { .card { padding: 20px !important; } .button { display: block !important; } }
  </style>
</head>
<body style="margin:0;background:#f5efe6;font-family:Georgia,'Times New Roman',serif;color:#3a2a1a">
  <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
    <tr><td align="center" style="padding:24px 12px">
      <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border-radius:8px">
        <tr><td>
          <img src="https://www.example.com/rye-loaf.jpg" width="560" alt="A dark rye loaf on a wooden board, dusted with flour"
            style="display:block;width:100%;height:auto;border:0;border-radius:8px 8px 0 0;background:#e8d9c3;color:#3a2a1a;font-size:16px;line-height:24px">
        </td></tr>
        <tr><td class="card" style="padding:32px">
          <h1 style="margin:0 0 12px;font-size:26px;line-height:1.25">Bread for the weekend</h1>
          <p style="margin:0 0 16px;font-size:17px;line-height:1.6">The ovens are on from four in the morning. On Saturday there is
            country rye with a long, slow rise, walnut rolls, and the first apple cake of the year.</p>
          <p style="margin:0 0 24px;font-size:17px;line-height:1.6">Come before ten: the rye is always the first to go.</p>
          <a class="button" href="https://www.example.com/saturday"
            style="display:inline-block;padding:12px 24px;background:#7a3e12;color:#ffffff;text-align:center;text-decoration:none;border-radius:6px;font-size:17px">See what we bake</a>
        </td></tr>
      </table>
      <p style="max-width:560px;margin:20px auto 0;font-size:13px;line-height:1.6;color:#5c4a38">
        You get this mail because you signed up in our shop.<br>
        *|HTML:LIST_ADDRESS_HTML|*<br>
        <a href="*|UNSUB|*" style="color:#5c4a38">Unsubscribe</a>
      </p>
    </td></tr>
  </table>
</body>
</html>
`;
