using System.Text;

namespace Billing.EndToEnd.Api;

/// <summary>Comma-separated values as a spreadsheet reads them.</summary>
static class Csv
{
    /// <summary>Reads RFC 4180, written apart from the code under test.</summary>
    public static List<string[]> Read(string text)
    {
        var (rows, row, field, quoted) = (new List<string[]>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    row.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when !quoted && text[i + 1] == '\n':
                    row.Add(field.ToString());
                    field.Clear();
                    rows.Add([.. row]);
                    row.Clear();
                    i++;
                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }

        return rows;
    }
}
