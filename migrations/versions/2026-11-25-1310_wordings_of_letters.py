"""wordings of letters

Revision ID: letter_wordings
Revises: funding
"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = 'letter_wordings'
down_revision = 'funding'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'letter_wording',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('passages', sa.JSON(), nullable=False),
        sa.Column('set_at', models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('set_by_id', sa.Integer(), nullable=True),
        sa.Column('reason', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['set_by_id'], ['person.id'], name=op.f('fk_letter_wording_set_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_wording')),
    )
    op.create_index('ix_letter_wording_kind', 'letter_wording', ['kind', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_letter_wording_kind', 'letter_wording')
    op.drop_table('letter_wording')
