using CsCheck;

namespace Billing.Tests;

public class CheckCharacterTests
{
    // Up to 30 characters and the check character: 31 positions have different weights.
    static readonly Gen<string> Checked = Gen.OneOfConst(CheckCharacter.Alphabet.ToCharArray()).Array[1, 30]
        .Select(text => new string(text) + CheckCharacter.Of(text));

    [Fact]
    public void It_fits_what_it_was_made_for() => Checked.Sample(CheckFits);

    [Fact]
    public void Every_single_wrong_character_is_noticed() => Checked.Sample(
        text =>
        {
            for (var position = 0; position < text.Length; position++)
            {
                foreach (var wrong in CheckCharacter.Alphabet.Where(other => other != text[position]))
                    Assert.False(CheckCharacter.Fits(string.Concat(text.AsSpan(0, position), [wrong], text.AsSpan(position + 1))));
            }
        },
        iter: 300);

    [Fact]
    public void Every_exchange_of_two_characters_is_noticed() => Checked.Sample(
        text =>
        {
            for (var first = 0; first < text.Length; first++)
            {
                for (var second = first + 1; second < text.Length; second++)
                {
                    if (text[first] == text[second]) continue;
                    var exchanged = text.ToCharArray();
                    (exchanged[first], exchanged[second]) = (exchanged[second], exchanged[first]);
                    Assert.False(CheckCharacter.Fits(exchanged));
                }
            }
        },
        iter: 300);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("ab")]
    [InlineData("0-")]
    [InlineData("0U")]
    [InlineData("٣٣")]
    public void What_is_too_short_or_not_of_the_alphabet_never_fits(string text) => Assert.False(CheckCharacter.Fits(text));

    [Fact]
    public void Other_characters_have_no_check_character() => Assert.Throws<ArgumentException>(() => CheckCharacter.Of("O"));

    [Fact]
    public void Bytes_are_written_five_bits_at_a_time()
    {
        Assert.Equal("0000", CheckCharacter.Encode([0, 0, 0], 4));
        Assert.Equal("ZZZZ", CheckCharacter.Encode([255, 255, 255], 4));
        Assert.Equal("8421", CheckCharacter.Encode([0b01000_001, 0b00_00010_0, 0b0001_0000], 4));
    }

    static void CheckFits(string text) => Assert.True(CheckCharacter.Fits(text));
}
